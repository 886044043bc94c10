namespace Postern.Ldap.Client;

/// <summary>What makes a server's certificate believable.</summary>
public abstract record LdapTrust
{
    private LdapTrust()
    {
    }

    /// <summary>Direct trust in exact certificates, those that a server has while it changes over from one to the next: SHA-256 over the
    /// whole DER encoding, compared in constant time. Names, dates and issuers are not looked at on purpose: the certificate was handed
    /// over by a person, or by its predecessor; nobody else vouches for it.</summary>
    /// <param name="CertificatesSha256">At least one, each of 32 octets.</param>
    public sealed record Pin(IReadOnlyList<ReadOnlyMemory<byte>> CertificatesSha256) : LdapTrust
    {
        public Pin(ReadOnlyMemory<byte> certificateSha256)
            : this([certificateSha256])
        {
        }

        public override string ToString() => $"pin {string.Join(" or ", CertificatesSha256.Select(pin => $"sha256:{Convert.ToHexStringLower(pin.Span)}"))}";
    }

    /// <summary>Chains that end in a certificate of this file (PEM with one or more certificates, or one DER). The name is checked;
    /// revocation is not, nothing is downloaded.</summary>
    public sealed record CaFile(string Path) : LdapTrust;

    /// <summary>Chains that end in the machine's own store. The name is checked; revocation is not.</summary>
    public sealed record System : LdapTrust;
}
