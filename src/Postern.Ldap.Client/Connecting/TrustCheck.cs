using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Ldap.Client.Connecting;

/// <summary>Judges one server's certificate by one <see cref="LdapTrust"/>, and remembers why it was not believed.</summary>
internal sealed class TrustCheck
{
    private readonly LdapClientOptions _options;

    /// <exception cref="LdapConnectionException">The CA file cannot be used.</exception>
    public TrustCheck(LdapClientOptions options)
    {
        _options = options;
        // Nothing is fetched from anywhere while a peer is judged: neither issuers nor revocation lists.
        Policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        switch (options.Trust)
        {
            case LdapTrust.CaFile ca:
                Policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                Policy.CustomTrustStore.AddRange(Load(ca.Path, options.Endpoint));
                break;
            case LdapTrust.Pin { CertificatesSha256.Count: 0 }:
                throw new ArgumentException("trust by pin needs a pin", nameof(options));
            case LdapTrust.Pin pin when pin.CertificatesSha256.FirstOrDefault(one => one.Length != SHA256.HashSizeInBytes, new byte[SHA256.HashSizeInBytes]) is { Length: not SHA256.HashSizeInBytes } wrong:
                throw new ArgumentException($"a pin of {wrong.Length} octets; SHA-256 has {SHA256.HashSizeInBytes}", nameof(options));
        }
    }

    public X509ChainPolicy Policy { get; }

    /// <summary>Set when the certificate was not believed.</summary>
    public LdapConnectionException? Failure { get; private set; }

    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 server)
        {
            Failure = Failed("the server showed no certificate", "A directory server without a certificate cannot be trusted: configure one.");
            return false;
        }

        Failure = _options.Trust is LdapTrust.Pin pin ? CheckPin(pin, server) : CheckChain(server, chain, errors);
        return Failure is null;
    }

    private LdapConnectionException? CheckPin(LdapTrust.Pin pin, X509Certificate2 server)
    {
        byte[] found = SHA256.HashData(server.RawDataMemory.Span);
        return pin.CertificatesSha256.Any(one => CryptographicOperations.FixedTimeEquals(found, one.Span))
            ? null
            : new LdapConnectionException(
                LdapFailureKind.PinMismatch,
                $"{_options.Endpoint}: the server's certificate is not the pinned one: expected {string.Join(" or ", pin.CertificatesSha256.Select(one => $"sha256:{Convert.ToHexStringLower(one.Span)}"))}, "
                    + $"found sha256:{Convert.ToHexStringLower(found)} (subject {server.Subject})",
                "Another server answers at this address, the server was given a new certificate, or somebody stands between. "
                    + "Compare the fingerprint on the server itself before you trust the new one.");
    }

    private LdapConnectionException? CheckChain(X509Certificate2 server, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return null;
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            X509ChainStatus[] status = chain?.ChainStatus ?? [];
            X509ChainStatusFlags flags = status.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status);
            string reasons = string.Join("; ", status.Select(s => $"{s.Status}: {s.StatusInformation.Trim()}").Distinct());
            return Failed(
                $"the server's certificate is not believed: {reasons} (subject {server.Subject}, issuer {server.Issuer}, valid {server.NotBefore:u} to {server.NotAfter:u})",
                ChainHint(flags));
        }

        string wanted = _options.TlsName ?? _options.Endpoint.Host;
        return Failed(
            $"the server's certificate is not for '{wanted}' but for {Names(server)}",
            "Connect by a name that the certificate bears, set the TLS name, or give the server a certificate for this name.");
    }

    private string ChainHint(X509ChainStatusFlags flags)
    {
        if (flags.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return "Renew the server's certificate or its issuer's; if the dates look right, check this machine's clock.";
        }

        return _options.Trust is LdapTrust.CaFile ca
            ? $"{ca.Path} must contain the root certificate that the server's chain ends in, and the server must send the intermediate ones."
            : "Add the issuing root to this machine's store, name it in a CA file, or pin the certificate.";
    }

    private LdapConnectionException Failed(string what, string hint) => new(LdapFailureKind.TlsFailed, $"{_options.Endpoint}: {what}", hint);

    private static string Names(X509Certificate2 certificate)
    {
        List<string> names = [];
        foreach (X509SubjectAlternativeNameExtension san in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            names.AddRange(san.EnumerateDnsNames());
            names.AddRange(san.EnumerateIPAddresses().Select(a => a.ToString()));
        }

        return names.Count > 0 ? string.Join(", ", names) : $"{certificate.Subject} (no subjectAltName)";
    }

    private static X509Certificate2Collection Load(string path, LdapEndpoint endpoint)
    {
        X509Certificate2Collection found = [];
        try
        {
            byte[] content = File.ReadAllBytes(path);
            if (content.AsSpan().IndexOf("-----BEGIN"u8) >= 0)
            {
                found.ImportFromPem(System.Text.Encoding.UTF8.GetString(content));
            }
            else
            {
                found.Add(X509CertificateLoader.LoadCertificate(content));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw BadFile(endpoint, path, LdapFailures.Reason(e), e);
        }

        return found.Count > 0 ? found : throw BadFile(endpoint, path, "it contains no certificate", null);
    }

    private static LdapConnectionException BadFile(LdapEndpoint endpoint, string path, string why, Exception? inner) => new(
        LdapFailureKind.TlsFailed,
        $"{endpoint}: the CA file {path} cannot be used: {why}",
        "Name a readable file with the root certificate(s) in PEM form (-----BEGIN CERTIFICATE-----) or one in DER form.",
        inner);
}
