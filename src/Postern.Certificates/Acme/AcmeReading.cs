using System.Security.Cryptography;

namespace Postern.Certificates;

/// <summary>Reads a lineage whole, or not at all: while the client writes, certificate and key may be of different renewals.</summary>
public static class AcmeReading
{
    /// <summary>Octets of one file. Ours.</summary>
    public const int MaxFileOctets = 256 * 1024;

    /// <summary>Between the two looks that have to see the same. Ours.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(250);

    /// <returns>Null, and why, while the files do not fit together: the client may be at it.</returns>
    public static async Task<(CertificateBundle? Bundle, string? WaitsFor)> ReadAsync(AcmeLineage lineage, TimeProvider time, CancellationToken cancellationToken)
    {
        List<byte[]> first = [];
        List<byte[]> second = [];
        try
        {
            await ReadFilesAsync(lineage, first, cancellationToken).ConfigureAwait(false);
            await Task.Delay(Settling, time, cancellationToken).ConfigureAwait(false);
            await ReadFilesAsync(lineage, second, cancellationToken).ConfigureAwait(false);
            return first.Zip(second).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second))
                ? (Bundle(lineage, second), null)
                : (null, "its files are being written");
        }
        catch (Exception e) when (e is CertificateFormatException or IOException or UnauthorizedAccessException)
        {
            return (null, e.Message);
        }
        finally
        {
            first.ForEach(one => CryptographicOperations.ZeroMemory(one));
            second.ForEach(one => CryptographicOperations.ZeroMemory(one));
        }
    }

    /// <summary>SHA-256 of the certificate that is in the first file now; null: there is none.</summary>
    public static string? Glance(AcmeLineage lineage)
    {
        try
        {
            using CertificateFileContent content = Content(lineage.Files[0], Octets(lineage.Files[0]));

            // Whatever the order: the one that is taken in, which issued none of the others.
            using CertificateBundle bundle = CertificateBundling.Make([content], null, out _);
            return CertificatePin.Of(bundle.Certificate).ToString();
        }
        catch (Exception e) when (e is CertificateFormatException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static CertificateBundle Bundle(AcmeLineage lineage, List<byte[]> octets)
    {
        List<CertificateFileContent> contents = [];
        try
        {
            foreach ((string file, byte[] content) in lineage.Files.Zip(octets))
            {
                contents.Add(Content(file, content));
            }

            CertificateBundle bundle = CertificateBundling.Make(contents, null, out _);
            if (bundle.Certificate.HasPrivateKey)
            {
                return bundle;
            }

            bundle.Dispose();
            throw new CertificateFormatException("keyDoesNotFit", $"{lineage.Files[^1]} has no key", "wait for the client");
        }
        finally
        {
            contents.ForEach(one => one.Dispose());
        }
    }

    private static CertificateFileContent Content(string file, byte[] octets) => CertificateFileReader.Read(octets, null, file);

    private static async Task ReadFilesAsync(AcmeLineage lineage, List<byte[]> into, CancellationToken cancellationToken)
    {
        foreach (string file in lineage.Files)
        {
            CheckLength(file);
            into.Add(await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false));
        }
    }

    private static byte[] Octets(string file)
    {
        CheckLength(file);
        return File.ReadAllBytes(file);
    }

    /// <summary>A link of certbot leads to a file of its archive.</summary>
    private static void CheckLength(string file)
    {
        FileInfo info = new(file);
        if ((info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info) is { Length: > MaxFileOctets } large)
        {
            throw new IOException($"{file} has {large.Length} octets; at most {MaxFileOctets} are read");
        }
    }
}
