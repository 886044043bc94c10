using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Postern.Certificates;

/// <summary>Reads a PKCS #12 file (RFC 7292) by itself, not through the platform: so that limits hold before anything is derived or nested,
/// that a wrong password and an algorithm that is not supported are two errors, and that nothing of a half-read file is left.</summary>
internal sealed class Pkcs12Reader(CertificateFileCollector file)
{
    private const string Data = "1.2.840.113549.1.7.1";
    private const string SignedData = "1.2.840.113549.1.7.2";
    private const string EnvelopedData = "1.2.840.113549.1.7.3";
    private const string EncryptedData = "1.2.840.113549.1.7.6";
    private const string BagPrefix = "1.2.840.113549.1.12.10.1.";
    private const string KeyBag = BagPrefix + "1";
    private const string ShroudedKeyBag = BagPrefix + "2";
    private const string CertBag = BagPrefix + "3";
    private const string CrlBag = BagPrefix + "4";
    private const string SecretBag = BagPrefix + "5";
    private const string SafeContentsBag = BagPrefix + "6";
    private const string X509Certificate = "1.2.840.113549.1.9.22.1";
    private const int Version = 3;

    private static readonly Asn1Tag ContentTag = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag EncryptedTag = new(TagClass.ContextSpecific, 0);

    private readonly List<string> _encryption = [];

    /// <summary>The right one as soon as it is known: from the MAC, or from what was decrypted first.</summary>
    private IReadOnlyList<string?> _passwords = file.Passwords;

    private bool _isProven;

    /// <exception cref="AsnContentException">It cannot be read.</exception>
    public void Read(ReadOnlyMemory<byte> octets)
    {
        AsnReader outer = new(octets, AsnEncodingRules.BER);
        AsnReader pfx = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        if (!pfx.TryReadInt32(out int version) || version != Version)
        {
            throw CertificateFormatException.Damaged(file.Name, $"it is not version {Version} of PKCS #12");
        }

        AsnReader authenticated = pfx.ReadSequence();
        byte[] safes = authenticated.ReadObjectIdentifier() switch
        {
            Data => authenticated.ReadSequence(ContentTag).ReadOctetString(),
            SignedData => throw CertificateFormatException.Unsupported(file.Name, "a signature in place of a password"),
            var other => throw CertificateFormatException.Unsupported(file.Name, other),
        };
        Pkcs12Mac? mac = pfx.HasData ? Pkcs12Mac.Read(pfx.ReadSequence(), file) : null;
        pfx.ThrowIfNotEmpty();
        if (mac is null)
        {
            file.Note(file.Name, "it has no MAC: nothing tells whether somebody changed it");
        }
        else
        {
            _passwords = [.. _passwords.Where(one => mac.Verify(safes, one)).Take(1)];
            if (_passwords.Count == 0)
            {
                throw WrongPassword(file.Name, $"{mac.Name}, {mac.Iterations} iterations");
            }

            _isProven = true;
        }

        AsnReader list = new AsnReader(safes, AsnEncodingRules.BER).ReadSequence();
        while (list.HasData)
        {
            file.Count("bags and safes");
            ReadSafe(list.ReadSequence());
        }

        file.Content.Protection = new Pkcs12Protection(mac?.Name, mac?.Iterations ?? 0, _encryption);
    }

    /// <summary>EncryptedPrivateKeyInfo (RFC 5958 section 3).</summary>
    /// <returns>Not encrypted; a secret.</returns>
    public (byte[] Pkcs8, string Encryption) ReadEncryptedKey(ReadOnlyMemory<byte> octets, string where)
    {
        AsnReader outer = new(octets, AsnEncodingRules.BER);
        AsnReader info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        PasswordProtection protection = PasswordProtection.Read(info.ReadSequence(), where, file);
        _encryption.Add(protection.Name);
        return (Decrypt(protection, info.ReadOctetString(), where), protection.Name);
    }

    private void ReadSafe(AsnReader content)
    {
        string kind = content.ReadObjectIdentifier();
        switch (kind)
        {
            case Data:
                ReadBags(content.ReadSequence(ContentTag).ReadOctetString(), 1);
                break;
            case EncryptedData:
                AsnReader encrypted = content.ReadSequence(ContentTag).ReadSequence();
                encrypted.ReadInteger();
                AsnReader info = encrypted.ReadSequence();
                string inner = info.ReadObjectIdentifier();
                PasswordProtection protection = PasswordProtection.Read(info.ReadSequence(), $"a safe in {file.Name}", file);
                _encryption.Add(protection.Name);
                if (inner != Data)
                {
                    throw CertificateFormatException.Unsupported($"a safe in {file.Name}", $"content of the kind {inner}");
                }

                byte[] opened = Decrypt(protection, info.ReadOctetString(EncryptedTag), $"a safe in {file.Name}");
                try
                {
                    ReadBags(opened, 1);
                }
                finally
                {
                    CryptographicOperations.ZeroMemory(opened);
                }

                break;
            default:
                throw CertificateFormatException.Unsupported($"a safe in {file.Name}", kind == EnvelopedData ? "a certificate in place of a password" : kind);
        }
    }

    private void ReadBags(ReadOnlyMemory<byte> octets, int depth)
    {
        if (depth > file.Limits.MaxDepth)
        {
            throw CertificateFormatException.Limit(file.Name, "levels of bags in bags", depth, file.Limits.MaxDepth);
        }

        AsnReader outer = new(octets, AsnEncodingRules.BER);
        AsnReader bags = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        for (int number = 1; bags.HasData; number++)
        {
            file.Count("bags and safes");
            AsnReader bag = bags.ReadSequence();
            string kind = bag.ReadObjectIdentifier();
            AsnReader value = bag.ReadSequence(ContentTag);
            Pkcs12Attributes attributes = Pkcs12Attributes.Read(bag);
            ReadBag(kind, value, attributes, $"bag {number} of {file.Name}", depth);
        }
    }

    private void ReadBag(string kind, AsnReader value, Pkcs12Attributes attributes, string where, int depth)
    {
        switch (kind)
        {
            case KeyBag:
                file.AddKey(value.ReadEncodedValue().ToArray(), where, null, attributes.FriendlyName, attributes.Windows);
                break;
            case ShroudedKeyBag:
                (byte[] pkcs8, string encryption) = ReadEncryptedKey(value.ReadEncodedValue(), where);
                file.AddKey(pkcs8, where, encryption, attributes.FriendlyName, attributes.Windows);
                break;
            case CertBag:
                AsnReader certificate = value.ReadSequence();
                if (certificate.ReadObjectIdentifier() == X509Certificate)
                {
                    file.AddCertificate(certificate.ReadSequence(ContentTag).ReadOctetString(), where, attributes.FriendlyName);
                }
                else
                {
                    file.Note(where, "a certificate that is not X.509, left aside");
                }

                break;
            case SafeContentsBag:
                ReadBags(value.ReadEncodedValue(), depth + 1);
                break;
            default:
                file.Note(where, kind switch { CrlBag => "a revocation list, left aside", SecretBag => "a secret, left aside", _ => $"something of the kind {kind}, left aside" });
                break;
        }
    }

    private byte[] Decrypt(PasswordProtection protection, byte[] cipherText, string where)
    {
        Exception? why = null;
        foreach (string? password in _passwords)
        {
            try
            {
                byte[] plain = protection.Decrypt(cipherText, password);

                // Padding fits one wrong password in 256; what is under it then is no sequence that ends with it.
                if (DerReader.IsWhole(plain))
                {
                    _passwords = [password];
                    return plain;
                }

                CryptographicOperations.ZeroMemory(plain);
            }
            catch (CryptographicException e)
            {
                why = e;
            }
        }

        throw _isProven
            ? new CertificateFormatException("wrongPassword", $"{where} has another password than the MAC of the file, or is damaged ({protection.Name})", "export it again with one password for all of it", why)
            : WrongPassword(where, protection.Name);
    }

    private CertificateFormatException WrongPassword(string where, string protection) => file.Password is null
        ? new CertificateFormatException("passwordNeeded", $"{where} is protected with a password ({protection})", "give it with --passphrase-file FILE")
        : new CertificateFormatException("wrongPassword", $"the password does not open {where} ({protection})", "check the password: upper and lower case, blanks at its end, the keyboard's layout");
}
