using System.Security.Cryptography;

namespace Postern.Certificates;

/// <summary>
/// Reads files of certificates, requests and private keys of every kind that mail administrators meet, and tells by the content which kind it
/// is: PEM in any order and with any text around it, DER, PKCS #7, PKCS #12, bare Base64. A file is read as a whole or not at all.
/// </summary>
public static class CertificateFileReader
{
    /// <param name="password">Of encrypted keys and PKCS #12; null: none was given.</param>
    /// <param name="name">Of the file, for messages.</param>
    /// <exception cref="CertificateFormatException">It cannot be read as a whole, or there is nothing in it.</exception>
    public static CertificateFileContent Read(ReadOnlyMemory<byte> octets, string? password, string name, CertificateReadLimits? limits = null)
    {
        CertificateReadLimits allowed = limits ?? CertificateReadLimits.Default;
        if (octets.Length > allowed.MaxFileOctets)
        {
            throw CertificateFormatException.Limit(name, "octets", octets.Length, allowed.MaxFileOctets);
        }

        CertificateFileCollector file = new(name, CertificateFileFormat.Der, password, allowed);
        try
        {
            ReadInto(file, octets);
            CertificateFileContent content = file.Content;
            return content.Certificates.Count + content.Keys.Count + content.Requests.Count > 0
                ? content
                : throw new CertificateFormatException("nothingThere", $"{name} has no certificate, request or private key in it", content.Notes is [var note, ..] ? $"there is only: {note}" : "check that it is the right file");
        }
        catch
        {
            file.Content.Dispose();
            throw;
        }
    }

    /// <summary>The certificate of the file with its key, if that is there, and its issuers.</summary>
    /// <param name="notes">What was left aside, and why.</param>
    /// <exception cref="CertificateFormatException">It cannot be read, or it is not clear which certificate is meant.</exception>
    public static CertificateBundle ReadBundle(ReadOnlyMemory<byte> octets, string? password, string name, out IReadOnlyList<string> notes)
    {
        using CertificateFileContent content = Read(octets, password, name);
        return CertificateBundling.Make([content], null, out notes);
    }

    private static void ReadInto(CertificateFileCollector file, ReadOnlyMemory<byte> octets)
    {
        if (DerReader.IsWhole(octets.Span))
        {
            new DerReader(file).Read(octets, file.Name);
            file.Content.Format = file.Content.Protection is not null ? CertificateFileFormat.Pkcs12
                : file.IsPkcs7 ? CertificateFileFormat.Pkcs7 : CertificateFileFormat.Der;
            return;
        }

        char[] text = PemText.Decode(octets.Span);
        try
        {
            if (PemText.HasBlocks(text))
            {
                file.Content.Format = CertificateFileFormat.Pem;
                PemReader reader = new(file);
                PemText.Read(text, file.Name, reader.Take);
            }
            else if (PemText.TryFromBase64(text.AsSpan().Trim('\uFEFF')) is { } bare && DerReader.IsWhole(bare))
            {
                file.Content.Format = CertificateFileFormat.Base64;
                new DerReader(file).Read(bare, file.Name);
                CryptographicOperations.ZeroMemory(bare);
            }
            else
            {
                throw octets.Span is [0x30, >= 0x80, ..]
                    ? CertificateFormatException.Damaged(file.Name, "it begins as DER (certificate, PKCS #7, PKCS #12 or key) and is cut off, or something follows it")
                    : new CertificateFormatException("notRecognized", $"{file.Name} is no file of certificates: neither PEM nor DER, PKCS #7, PKCS #12 or Base64 of them", "check that it is the right file");
            }
        }
        finally
        {
            text.AsSpan().Clear();
        }
    }
}
