using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;

namespace Postern.Operations.Certificates;

/// <summary>The verbs that make certificates and requests: new, request, renew (fact sheet 7.3).</summary>
public sealed class CertificateIssuing(CertificatePlace place, TimeProvider time)
{
    /// <summary>Days: five years (fact sheet 7.3, 12 row 26).</summary>
    public const int DefaultDays = 1825;

    /// <summary>Days: ten years. Ours.</summary>
    public const int MaxDays = 3652;

    /// <summary>Characters: "less than 64" (fact sheet 7.3).</summary>
    public const int MaxFriendlyName = 63;

    private readonly CertificateDetails _details = new(place, time);
    private readonly LocalCertificateStore _store = place.Open(time);

    /// <summary>What certificates are made for where nobody names anything: short name and FQDN of this machine (fact sheet 7.3).</summary>
    public static IReadOnlyList<string> OwnNames()
    {
        IPGlobalProperties machine = IPGlobalProperties.GetIPGlobalProperties();
        string host = machine.HostName.Split('.')[0];
        string domain = machine.DomainName is { Length: > 0 } known && known != "(none)" ? known : "";
        return domain.Length > 0 ? [host, $"{host}.{domain}"] : machine.HostName.Contains('.', StringComparison.Ordinal) ? [host, machine.HostName] : [host];
    }

    /// <summary>A self-signed certificate. It is bound to nothing yet.</summary>
    public async Task<CertificateDetail> NewAsync(CertificateWish wish, CancellationToken cancellationToken)
    {
        Order order = Order.Of(wish);
        using X509Certificate2 made = SelfSignedCertificate.Create(order.ForSelfSigned(TimeSpan.FromDays(wish.Days)), time);
        return await AddAsync(made, new CertificateMetadata { Origin = CertificateOrigin.SelfSigned, FriendlyName = wish.FriendlyName, IsExportable = wish.IsExportable }, cancellationToken);
    }

    /// <summary>A request for an authority. Its key stays here until the certificate comes.</summary>
    public Task<CertificateRequested> RequestAsync(CertificateWish wish, CancellationToken cancellationToken) =>
        RequestAsync(Order.Of(wish), null, new CertificateMetadata { FriendlyName = wish.FriendlyName, IsExportable = wish.IsExportable }, cancellationToken);

    /// <summary>A successor with the same subject and names. A self-signed one is made at once; for any other a request is made, and the
    /// certificate that answers it takes the place of this one.</summary>
    /// <param name="asRequest">Also of a self-signed one.</param>
    /// <param name="reuseKey">The same key again, e.g. because its hash is published for DANE (RFC 7671 section 8.1).</param>
    /// <param name="algorithm">Of a new key; null: as the old one.</param>
    /// <param name="days">Null: as many as the old one.</param>
    public async Task<CertificateRenewed> RenewAsync(string identity, bool asRequest, bool reuseKey, string? algorithm, int? days, CancellationToken cancellationToken)
    {
        StoredCertificate old = _store.Find(identity);
        try
        {
            return await RenewAsync(old, asRequest, reuseKey, algorithm, days, cancellationToken);
        }
        catch (ArgumentException e)
        {
            // What others wrote into a certificate need not be what may stand in one.
            throw new OperationException(FailureCategory.Conflict, "cannotRenew", $"{old.Thumbprint} ('{old.Certificate?.Subject}') cannot be had again as it is: {e.Message.Split(" (Parameter", 2)[0]}",
                "make a new one with the names that are meant: `postern certificate new` or `request` with --domain NAME", e);
        }
    }

    private async Task<CertificateRenewed> RenewAsync(StoredCertificate old, bool asRequest, bool reuseKey, string? algorithm, int? days, CancellationToken cancellationToken)
    {
        if (old.Certificate is not { } certificate)
        {
            throw new OperationException(FailureCategory.Conflict, "pending", $"{old.Thumbprint} is a request that waits for its certificate; it cannot be renewed",
                $"`postern certificate export {old.Thumbprint}` prints it again; `postern certificate remove {old.Thumbprint}` drops it");
        }

        KeyAlgorithm kind = algorithm is null ? CertificateKeys.AlgorithmOf(certificate) ?? KeyAlgorithm.EcdsaP256 : AlgorithmOf(algorithm);
        Order order = new(certificate.SubjectName, CertifiedNames.Names(certificate), kind);
        CertificateMetadata metadata = new() { FriendlyName = old.Metadata.FriendlyName, IsExportable = old.Metadata.IsExportable, Replaces = old.Sha256 };
        using X509Certificate2? keyHolder = reuseKey ? LocalCertificateStore.LoadWithKey(old) : null;
        using AsymmetricAlgorithm? key = (AsymmetricAlgorithm?)keyHolder?.GetECDsaPrivateKey() ?? keyHolder?.GetRSAPrivateKey();
        if (asRequest || !CertificateKeys.IsSelfIssued(certificate))
        {
            return new CertificateRenewed(old.Thumbprint, null, await RequestAsync(order, key, metadata, cancellationToken));
        }

        TimeSpan life = days is { } given ? TimeSpan.FromDays(given) : certificate.NotAfter - certificate.NotBefore - SelfSignedCertificate.BackDating;
        SelfSignedRequest request = order.ForSelfSigned(life < TimeSpan.FromDays(1) ? TimeSpan.FromDays(1) : life);
        using X509Certificate2 made = key is null ? SelfSignedCertificate.Create(request, time) : SelfSignedCertificate.Create(request, key, time);
        return new CertificateRenewed(old.Thumbprint, await AddAsync(made, metadata with { Origin = CertificateOrigin.SelfSigned }, cancellationToken), null);
    }

    /// <exception cref="OperationException">It is too long.</exception>
    internal static string? CheckFriendlyName(string? name) => name is { Length: > MaxFriendlyName }
        ? throw new OperationException(FailureCategory.BadRequest, "invalidValue", $"the friendly name has {name.Length} characters; at most {MaxFriendlyName} are allowed", "shorten it")
        : name;

    internal static KeyAlgorithm AlgorithmOf(string text) =>
        Enum.TryParse(text, ignoreCase: true, out KeyAlgorithm algorithm) && Enum.IsDefined(algorithm) && !char.IsAsciiDigit(text[0])
            ? algorithm
            : throw new OperationException(FailureCategory.BadRequest, "invalidValue", $"'{text}' is no kind of key", $"one of {string.Join(", ", CertificateOperations.Algorithms)}");

    private async Task<CertificateDetail> AddAsync(X509Certificate2 made, CertificateMetadata metadata, CancellationToken cancellationToken)
    {
        using (await _store.LockAsync(cancellationToken))
        {
            return _details.Of(_store.Add(new CertificateBundle(made, []), metadata));
        }
    }

    private async Task<CertificateRequested> RequestAsync(Order order, AsymmetricAlgorithm? reused, CertificateMetadata metadata, CancellationToken cancellationToken)
    {
        using AsymmetricAlgorithm? made = reused is null ? NewKey.Make(order.Algorithm) : null;
        AsymmetricAlgorithm key = reused ?? made!;
        byte[] request = SigningRequest.Create(order.Subject, order.Names, key);
        byte[] secret = PrivateKeyPem.Write(key);
        try
        {
            using (await _store.LockAsync(cancellationToken))
            {
                StoredCertificate pending = _store.AddRequest(request, secret, metadata);
                return new CertificateRequested(_details.Of(pending), PemEncoding.WriteString(SigningRequest.Label, request) + "\n", null);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>A wish whose every part was looked at.</summary>
    private sealed record Order(X500DistinguishedName Subject, IReadOnlyList<string> Names, KeyAlgorithm Algorithm)
    {
        public static Order Of(CertificateWish wish)
        {
            CheckFriendlyName(wish.FriendlyName);
            try
            {
                X500DistinguishedName? subject = wish.Subject is null ? null : CertificateSubject.Parse(wish.Subject);
                string? common = subject is null ? null : CertificateSubject.CommonName(subject);
                IEnumerable<string> asked = wish.Names.Count > 0 ? wish.Names : common is null ? OwnNames() : [];

                // The common name is among the alternative names (fact sheet 7.3), unless it is words for people.
                IReadOnlyList<string> names = CertificateNames.Read(common is not null && CertificateNames.TryRead(common, out _, out _) ? [common, .. asked] : asked);
                return new Order(subject ?? CertificateSubject.Of(names.FirstOrDefault(one => one.Length <= SelfSignedCertificate.MaxCommonNameLength)
                    ?? throw new ArgumentException($"every name is longer than {SelfSignedCertificate.MaxCommonNameLength} characters; give --subject with a shorter common name")),
                    names.Count > 0 ? names : throw new ArgumentException($"the common name '{common}' is no DNS name, and none is given beside it"), AlgorithmOf(wish.Algorithm));
            }
            catch (ArgumentException e)
            {
                throw new OperationException(FailureCategory.BadRequest, "invalidValue", e.Message.Split(" (Parameter", 2)[0], "give --domain NAME for each name, and --subject like C=DE,O=Example,CN=mail.example.com", e);
            }
        }

        public SelfSignedRequest ForSelfSigned(TimeSpan life) => new(CertificateSubject.CommonName(Subject) is { Length: > 0 and <= SelfSignedCertificate.MaxCommonNameLength } common ? common : Names.Count > 0 ? Names[0] : "", Names, Algorithm, life)
        {
            Subject = Subject,
        };
    }
}
