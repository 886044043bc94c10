using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.EdgeSync.Rotation;

namespace Postern.Operations.Certificates;

/// <summary>The verbs about the certificate that a node proves itself with.</summary>
public sealed class CertificateOperations(ICertificateKeeper keeper)
{
    /// <summary>The one role that there is, as New-ExchangeCertificate's InternalTransport.</summary>
    public const string InternalTransport = "internalTransport";

    /// <summary>Words for the kinds of key that a node can make.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = [.. Enum.GetValues<KeyAlgorithm>().Select(one => Words.CamelCase(one))];

    public Task<NodeCertificateView> ShowAsync(CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () => View(await keeper.StateAsync(cancellationToken)));

    public Task<NodeCertificateView> RenewAsync(ReplaceCertificate request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            using X509Certificate2? given = Given(request);
            return View(await keeper.RenewAsync(given, AlgorithmOf(request), cancellationToken));
        });

    public Task<CertificateRevoked> RevokeAsync(ReplaceCertificate request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            using X509Certificate2? given = Given(request);
            CertificateRevocation done = await keeper.RevokeAsync(given, cancellationToken);
            return new CertificateRevoked(
                InternalTransport, done.Name, done.Old, View("current", done.Current), [.. done.Pairs.Select(one => new BrokenPairView(one.Edge, one.Hub, one.State, one.Mend))]);
        });

    private static X509Certificate2? Given(ReplaceCertificate request)
    {
        if (!string.Equals(request.Role, InternalTransport, StringComparison.OrdinalIgnoreCase))
        {
            throw new OperationException(FailureCategory.BadRequest, "invalidValue", $"'{request.Role}' is no role of a certificate", $"the role is {InternalTransport}");
        }

        if (request.Pem is not { } pem)
        {
            return null;
        }

        try
        {
            return X509Certificate2.CreateFromPem(pem, pem);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new OperationException(
                FailureCategory.BadRequest, "certificate", $"the files are not a certificate and its key: {e.Message}",
                "give both in PEM form; a key that is encrypted has to be decrypted first (openssl pkey -in KEY -out KEY.clear)", e);
        }
    }

    private static KeyAlgorithm? AlgorithmOf(ReplaceCertificate request) => request.Algorithm switch
    {
        null => null,
        { } text when Enum.TryParse(text, ignoreCase: true, out KeyAlgorithm algorithm) && Enum.IsDefined(algorithm) && !char.IsAsciiDigit(text[0]) => algorithm,
        { } text => throw new OperationException(FailureCategory.BadRequest, "invalidValue", $"'{text}' is no kind of key", $"one of {string.Join(", ", Algorithms)}"),
    };

    private static NodeCertificateView View(CertificateState state) => new(
        InternalTransport,
        state.Name,
        [
            .. new (string Slot, X509Certificate2? One)[] { ("current", state.Current), ("next", state.Next), ("previous", state.Previous) }
                .Where(slot => slot.One is not null).Select(slot => View(slot.Slot, slot.One!)),
        ],
        state.Announced,
        state.Switched,
        state.RenewsAt,
        [.. state.WaitsFor.Select(one => new WaitingPeerView(one.Peer, one.Reason))]);

    private static CertificateView View(string slot, X509Certificate2 one) => new(
        slot, CertificatePin.Of(one).ToString(), one.Subject, one.Issuer, CertificateKeys.Describe(one), new DateTimeOffset(one.NotBefore.ToUniversalTime()), new DateTimeOffset(one.NotAfter.ToUniversalTime()));
}
