using System.Security.Cryptography;
using System.Text;

namespace Postern.Certificates;

/// <summary>PEM files of the trust folder (RFC 7468).</summary>
internal static class TrustFilePem
{
    public static bool Looks(ReadOnlySpan<byte> octets) => octets.IndexOf("-----BEGIN "u8) >= 0;

    public static string Text(ReadOnlySpan<byte> octets) => Encoding.Latin1.GetString(octets);

    /// <exception cref="CryptographicException">A block is no Base64.</exception>
    public static IReadOnlyList<byte[]> Blocks(ReadOnlySpan<byte> octets, string label)
    {
        List<byte[]> blocks = [];
        ReadOnlySpan<char> rest = Text(octets);
        while (PemEncoding.TryFind(rest, out PemFields fields))
        {
            if (rest[fields.Label].SequenceEqual(label))
            {
                byte[] block = new byte[fields.DecodedDataLength];
                if (!Convert.TryFromBase64Chars(rest[fields.Base64Data], block, out int written) || written != block.Length)
                {
                    throw new CryptographicException($"a block {label} is not Base64");
                }

                blocks.Add(block);
            }

            rest = rest[fields.Location.End..];
        }

        return blocks;
    }
}
