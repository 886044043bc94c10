namespace Postern.Ldap.Client;

/// <summary>What makes a server's certificate believable.</summary>
public abstract record LdapTrust
{
    private LdapTrust()
    {
    }

    /// <summary>Direct trust in one exact certificate: SHA-256 over its whole DER encoding, compared in constant time. Names, dates
    /// and issuers are not looked at on purpose: the certificate was handed over by a person, nobody else vouches for it.</summary>
    /// <param name="CertificateSha256">32 octets.</param>
    public sealed record Pin(ReadOnlyMemory<byte> CertificateSha256) : LdapTrust
    {
        public override string ToString() => $"pin sha256:{Convert.ToHexStringLower(CertificateSha256.Span)}";
    }

    /// <summary>Chains that end in a certificate of this file (PEM with one or more certificates, or one DER). The name is checked;
    /// revocation is not, nothing is downloaded.</summary>
    public sealed record CaFile(string Path) : LdapTrust;

    /// <summary>Chains that end in the machine's own store. The name is checked; revocation is not.</summary>
    public sealed record System : LdapTrust;
}
