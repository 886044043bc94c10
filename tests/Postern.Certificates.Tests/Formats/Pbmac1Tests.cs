using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

namespace Postern.Certificates.Tests.Formats;

/// <summary>The MAC that OpenSSL 3.4 writes with <c>-pbmac1_pbkdf2</c>; older ones cannot, so it is made here.</summary>
[Trait("RFC", "9579")]
public sealed class Pbmac1Tests
{
    private const int KeyOctets = 32;
    private const int Iterations = 2048;

    [Fact]
    public void A_file_with_PBMAC1_is_read_and_its_change_is_seen()
    {
        using TestBundle samples = TestBundle.Ec();
        byte[] pfx = WithPbmac1(CertificateFileWriter.Pkcs12(samples.Bundle, "secret", Pkcs12Profile.Modern), "secret", KeyOctets);

        using CertificateFileContent content = CertificateFileReader.Read(pfx, "secret", "new.pfx");

        Assert.Equal("PBMAC1 (PBKDF2-HMAC-SHA256, HMAC-SHA512)", content.Protection!.Mac);
        Assert.Equal(Iterations, content.Protection.MacIterations);
        Assert.Equal("wrongPassword", Assert.Throws<CertificateFormatException>(() => CertificateFileReader.Read(pfx, "other", "new.pfx")).Code);
        pfx[pfx.Length / 2] ^= 1;
        Assert.Equal("wrongPassword", Assert.Throws<CertificateFormatException>(() => CertificateFileReader.Read(pfx, "secret", "new.pfx")).Code);
    }

    /// <summary>RFC 9579 section 5.</summary>
    [Fact]
    public void A_key_that_is_too_short_is_refused()
    {
        using TestBundle samples = TestBundle.Ec();
        byte[] pfx = WithPbmac1(CertificateFileWriter.Pkcs12(samples.Bundle, "secret", Pkcs12Profile.Modern), "secret", 19);
        Assert.Equal("damaged", Assert.Throws<CertificateFormatException>(() => CertificateFileReader.Read(pfx, "secret", "new.pfx")).Code);
    }

    private static byte[] WithPbmac1(byte[] pfx, string password, int keyOctets)
    {
        AsnReader old = new AsnReader(pfx, AsnEncodingRules.BER).ReadSequence();
        old.ReadInteger();
        ReadOnlyMemory<byte> authenticated = old.ReadEncodedValue();
        ReadOnlyMemory<byte> content = Pkcs12Content(authenticated);
        byte[] salt = RandomNumberGenerator.GetBytes(16);
        byte[] key = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA256, keyOctets);
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(3);
            writer.WriteEncodedValue(authenticated.Span);
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                {
                    using (writer.PushSequence())
                    {
                        writer.WriteObjectIdentifier("1.2.840.113549.1.5.14");
                        using (writer.PushSequence())
                        {
                            using (writer.PushSequence())
                            {
                                writer.WriteObjectIdentifier("1.2.840.113549.1.5.12");
                                using (writer.PushSequence())
                                {
                                    writer.WriteOctetString(salt);
                                    writer.WriteInteger(Iterations);
                                    writer.WriteInteger(keyOctets);
                                    Algorithm(writer, "1.2.840.113549.2.9");
                                }
                            }

                            Algorithm(writer, "1.2.840.113549.2.11");
                        }
                    }

                    writer.WriteOctetString(HMACSHA512.HashData(key, content.Span));
                }

                writer.WriteOctetString(salt);
                writer.WriteInteger(1);
            }
        }

        return writer.Encode();
    }

    private static void Algorithm(AsnWriter writer, string oid)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            writer.WriteNull();
        }
    }

    private static byte[] Pkcs12Content(ReadOnlyMemory<byte> authenticated)
    {
        AsnReader info = new AsnReader(authenticated, AsnEncodingRules.BER).ReadSequence();
        info.ReadObjectIdentifier();
        return info.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0, true)).ReadOctetString();
    }
}
