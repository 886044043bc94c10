using System.Security.Cryptography.X509Certificates;
using Postern.EdgeSync.Credentials;

namespace Postern.EdgeSync.Tests.Credentials;

/// <summary>Records that were made by nobody's timetable.</summary>
internal static class TestCredential
{
    /// <summary>Of a hub's account, sealed for whoever has the certificate. Good for a day from a minute ago on.</summary>
    public static CredentialRecord Make(X509Certificate2 owner, string hub, int number = 0, string password = "secret", DateTimeOffset? from = null, string edge = "edge1")
    {
        DateTimeOffset effective = from ?? TimeProvider.System.GetUtcNow().AddMinutes(-1);
        CredentialRecord clear = new(
            CredentialRecord.CurrentVersion, CredentialKind.Replication, edge, $"{edge}.example.net", hub, $"{hub}.example.com", effective, effective.AddDays(1),
            $"ESRA.edge.{hub}.{number}", "", []);
        return CredentialRecord.Seal(clear, password, owner);
    }
}
