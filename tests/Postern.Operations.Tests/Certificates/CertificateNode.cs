using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.Operations.Certificates;
using Postern.Testing;

namespace Postern.Operations.Tests.Certificates;

/// <summary>A node's store, and an authority that signs what is asked of it.</summary>
internal sealed class CertificateNode : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public CertificateNode()
    {
        Place = CertificatePlace.Of(_folder["data"]);
        Issuing = new CertificateIssuing(Place, TimeProvider.System);
        Local = new LocalCertificates(Place, TimeProvider.System);
        Transfer = new CertificateTransfer(Place, TimeProvider.System);
        CertificateRequest root = new("CN=Example Root", _key, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        Authority = root.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(90));
    }

    public CertificatePlace Place { get; }

    public CertificateIssuing Issuing { get; }

    public LocalCertificates Local { get; }

    public CertificateTransfer Transfer { get; }

    public X509Certificate2 Authority { get; }

    public LocalCertificateStore Store => Place.Open(TimeProvider.System);

    /// <summary>What the authority answers to a request.</summary>
    public X509Certificate2 Sign(string pem, int days = 30)
    {
        CertificateRequest request = CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        return request.Create(
            Authority.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(days), RandomNumberGenerator.GetBytes(8));
    }

    public async Task<CertificateImported> ImportAsync(CertificateImport wish, params (byte[] Octets, string? Password)[] files)
    {
        List<CertificateFileContent> contents = [];
        try
        {
            foreach ((byte[] octets, string? password) in files)
            {
                contents.Add(CertificateFileReader.Read(octets, password, $"file {contents.Count + 1}"));
            }

            return await Transfer.ImportAsync(contents, wish, CancellationToken.None);
        }
        finally
        {
            contents.ForEach(one => one.Dispose());
        }
    }

    public void Dispose()
    {
        Authority.Dispose();
        _key.Dispose();
        _folder.Dispose();
    }
}
