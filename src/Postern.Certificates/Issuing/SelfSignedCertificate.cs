using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Makes certificates that are trusted by pin, not by issuer: Edge-Cert.</summary>
public static class SelfSignedCertificate
{
    public static X509Certificate2 Create(SelfSignedRequest request, TimeProvider time) => throw new NotImplementedException($"{request} {time}");
}
