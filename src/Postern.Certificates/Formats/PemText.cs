using System.Security.Cryptography;
using System.Text;

// RFC 7468 (complete): read leniently (section 3, "lax"), written strictly

namespace Postern.Certificates;

/// <summary>Text with PEM in it: finds the blocks, wherever they stand, and says in which line something is wrong.</summary>
internal static class PemText
{
    private const string Begin = "-----BEGIN ";
    private const string End = "-----END ";
    private const string Dashes = "-----";

    /// <summary>Octets that are looked at to tell UTF-16 without a mark from other text.</summary>
    private const int Probe = 64;

    /// <summary>Headers of one block. RFC 1421 keys have two. Ours.</summary>
    private const int MaxHeaders = 20;

    /// <summary>UTF-8 or ASCII, or UTF-16 as PowerShell's examples write it, with a byte order mark or without.</summary>
    public static char[] Decode(ReadOnlySpan<byte> octets) => octets switch
    {
        [0xEF, 0xBB, 0xBF, .. var rest] => Characters(Encoding.UTF8, rest),
        [0xFF, 0xFE, .. var rest] => Characters(Encoding.Unicode, rest),
        [0xFE, 0xFF, .. var rest] => Characters(Encoding.BigEndianUnicode, rest),
        _ when IsZero(octets, 1) && !IsZero(octets, 0) => Characters(Encoding.Unicode, octets),
        _ when IsZero(octets, 0) && !IsZero(octets, 1) => Characters(Encoding.BigEndianUnicode, octets),
        _ => Characters(Encoding.UTF8, octets),
    };

    public static bool HasBlocks(ReadOnlySpan<char> text) => text.Contains(Dashes + "BEGIN", StringComparison.Ordinal);

    /// <param name="take">Called for each block in turn; its content is cleared afterwards.</param>
    /// <exception cref="CertificateFormatException">A block without end, or without Base64 in it.</exception>
    public static void Read(ReadOnlySpan<char> text, string name, Action<PemBlock> take)
    {
        int number = 0;
        string? label = null;
        int began = 0;
        bool inHeaders = false;
        Dictionary<string, string> headers = [];
        char[] content = new char[text.Length];
        int length = 0;
        try
        {
            foreach (ReadOnlySpan<char> raw in text.EnumerateLines())
            {
                number++;
                ReadOnlySpan<char> line = raw.Trim().Trim('\uFEFF');
                if (label is null)
                {
                    if (line.StartsWith(Begin, StringComparison.Ordinal) && line.EndsWith(Dashes, StringComparison.Ordinal) && line.Length > Begin.Length + Dashes.Length)
                    {
                        (label, began, inHeaders, length) = (line[Begin.Length..^Dashes.Length].ToString(), number, true, 0);
                        headers = [];
                    }
                    else if (IsBroken(line))
                    {
                        throw CertificateFormatException.Damaged(name, $"line {number} is the rest of a BEGIN or END line");
                    }
                }
                else if (line.StartsWith(Dashes, StringComparison.Ordinal))
                {
                    if (!line.SequenceEqual($"{End}{label}{Dashes}"))
                    {
                        throw CertificateFormatException.Damaged(name, $"the {label} that begins in line {began} is cut off: line {number} is not its end");
                    }

                    Take(new PemBlock(label, began, headers, Content(content.AsSpan(0, length), name, label, began)), take);
                    label = null;
                }
                else if (inHeaders && line.IndexOf(':') is > 0 and int colon && headers.Count < MaxHeaders)
                {
                    headers[line[..colon].ToString()] = line[(colon + 1)..].Trim().ToString();
                }
                else
                {
                    inHeaders &= line.IsEmpty && headers.Count == 0;
                    line.CopyTo(content.AsSpan(length));
                    length += line.Length;
                }
            }
        }
        finally
        {
            content.AsSpan().Clear();
        }

        if (label is not null)
        {
            throw CertificateFormatException.Damaged(name, $"the {label} that begins in line {began} has no end");
        }
    }

    private static void Take(PemBlock block, Action<PemBlock> take)
    {
        try
        {
            take(block);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(block.Content);
        }
    }

    private static byte[] Content(ReadOnlySpan<char> base64, string name, string label, int line) => TryFromBase64(base64) is { Length: > 0 } content
        ? content
        : throw CertificateFormatException.Damaged(name, $"the {label} that begins in line {line} is not Base64");

    /// <summary>Blanks and ends of lines are skipped.</summary>
    /// <returns>Null: it is something else.</returns>
    public static byte[]? TryFromBase64(ReadOnlySpan<char> text)
    {
        byte[] octets = new byte[(text.Length / 4 * 3) + 3];
        bool isGood = Convert.TryFromBase64Chars(text, octets, out int length);
        byte[]? result = isGood ? octets[..length] : null;
        CryptographicOperations.ZeroMemory(octets);
        return result;
    }

    private static bool IsBroken(ReadOnlySpan<char> line)
    {
        if (!line.StartsWith(Dashes, StringComparison.Ordinal))
        {
            return false;
        }

        ReadOnlySpan<char> word = line[Dashes.Length..];
        return word.StartsWith("BEGIN", StringComparison.Ordinal) || word.StartsWith("END", StringComparison.Ordinal)
            || (!word.IsEmpty && ("BEGIN".StartsWith(word, StringComparison.Ordinal) || "END".StartsWith(word, StringComparison.Ordinal)));
    }

    private static bool IsZero(ReadOnlySpan<byte> octets, int phase)
    {
        int end = Math.Min(octets.Length, Probe) / 2 * 2;
        for (int i = phase; i < end; i += 2)
        {
            if (octets[i] != 0)
            {
                return false;
            }
        }

        return end > 0;
    }

    private static char[] Characters(Encoding encoding, ReadOnlySpan<byte> octets)
    {
        char[] characters = new char[encoding.GetCharCount(octets)];
        encoding.GetChars(octets, characters);
        return characters;
    }
}
