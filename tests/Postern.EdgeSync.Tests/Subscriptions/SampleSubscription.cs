using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.EdgeSync.Subscriptions;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Subscriptions;

/// <summary>A subscription file of an edge that does not exist.</summary>
internal static class SampleSubscription
{
    public static SubscriptionFile File() => new()
    {
        EdgeServerName = "EDGE1",
        EdgeServerFqdn = "edge1.example.net",
        EdgeCertificateBlob = Certificate("EDGE1", KeyAlgorithm.EcdsaP256).RawDataMemory,
        EsraUsername = "ESRA.EDGE1",
        EsraPassword = "secret & <more>",
        EffectiveDate = new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero),
        Duration = TimeSpan.FromDays(1),
        AdamSslPort = 50636,
        SerialNumber = "Postern 0.1.0",
        AddressHashKey = AddressHashKey.Generate(),
    };

    public static X509Certificate2 Certificate(string name, KeyAlgorithm algorithm) =>
        SelfSignedCertificate.Create(new SelfSignedRequest(name, [$"{name.ToLowerInvariant()}.example.net"], algorithm, TimeSpan.FromDays(1)), TimeProvider.System);
}
