using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postern.Certificates;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>How a subscription file lies on a disk.</summary>
public enum SubscriptionForm
{
    /// <summary>XML: whoever has a copy of it can use it.</summary>
    Clear,

    /// <summary>Sealed: whoever has a copy and the passphrase.</summary>
    Passphrase,

    /// <summary>Sealed for the certificate of a hub: only that hub.</summary>
    Hub,
}

/// <param name="Passphrase">Null: none was given.</param>
/// <param name="Own">Certificates with their keys that the file may be sealed for.</param>
public sealed record SubscriptionOpeners(string? Passphrase, IReadOnlyList<X509Certificate2> Own)
{
    public static SubscriptionOpeners None { get; } = new(null, []);

    /// <summary>Without the passphrase.</summary>
    public override string ToString() => $"{(Passphrase is null ? "no passphrase" : "a passphrase")}, {Own.Count} keys";
}

/// <summary>The sealed forms of a subscription file: the clear one as CMS (<see cref="SealedData"/>) in PEM, which
/// <c>openssl cms -decrypt -inform PEM</c> opens.</summary>
public static class SealedSubscription
{
    /// <summary>Characters. A copied file can be tried at home, without the edge noticing. Ours.</summary>
    public const int MinPassphrase = 12;

    /// <summary>Characters. Ours.</summary>
    public const int MaxPassphrase = 1024;

    private const string Begin = "-----BEGIN CMS-----";

    /// <summary>What <see cref="SealedData.Recipients"/> calls whoever knows the passphrase.</summary>
    private const string PassphraseRecipient = "who knows a passphrase";

    private const string End = "-----END CMS-----";

    /// <summary>Characters of base64 a line, RFC 7468 section 2.</summary>
    private const int LineLength = 64;

    private const string Damaged = "The file is damaged or was not copied whole. Copy it again, or make a new one on the edge with 'postern subscription new --force'.";

    private static readonly SearchValues<char> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");

    /// <exception cref="SubscriptionException">The passphrase is too short or too long.</exception>
    public static void CheckPassphrase(string passphrase)
    {
        if (passphrase.Length is < MinPassphrase or > MaxPassphrase)
        {
            throw new SubscriptionException(
                $"the passphrase has {passphrase.Length} characters; {MinPassphrase} to {MaxPassphrase} are expected",
                "A copied file can be tried without anybody noticing: take several words, or seal the file for the hub with --for-hub.");
        }
    }

    /// <param name="document">The clear form.</param>
    /// <exception cref="SubscriptionException">The passphrase is too short or too long.</exception>
    public static byte[] Seal(ReadOnlySpan<byte> document, string passphrase)
    {
        CheckPassphrase(passphrase);
        return Armour(SealedData.Seal(document, passphrase));
    }

    /// <param name="document">The clear form.</param>
    /// <param name="hub">What <c>postern hub identity</c> printed.</param>
    /// <exception cref="SubscriptionException">Nothing can be sealed for its kind of key.</exception>
    public static byte[] Seal(ReadOnlySpan<byte> document, X509Certificate2 hub)
    {
        try
        {
            return Armour(SealedData.Seal(document, hub));
        }
        catch (SealingException e)
        {
            throw new SubscriptionException(e.Message, "Print the hub's certificate with 'postern hub identity' there and take that.", e);
        }
    }

    /// <summary>Whether it is sealed, by how it begins.</summary>
    public static bool IsSealed(ReadOnlySpan<byte> content) => Text(content).TrimStart().StartsWith(Begin, StringComparison.Ordinal);

    /// <summary>Its form and, where it is sealed, for whom; without opening it.</summary>
    /// <exception cref="SubscriptionFileException">Damaged.</exception>
    public static (SubscriptionForm Form, IReadOnlyList<string> For) Describe(ReadOnlySpan<byte> content, string fileName)
    {
        if (!IsSealed(content))
        {
            return (SubscriptionForm.Clear, []);
        }

        byte[] cms = Dearmour(content, fileName);
        try
        {
            IReadOnlyList<string> recipients = SealedData.Recipients(cms);
            return (recipients is [PassphraseRecipient] ? SubscriptionForm.Passphrase : SubscriptionForm.Hub, recipients);
        }
        catch (SealingException e)
        {
            throw Refused(e, fileName);
        }
    }

    /// <returns>The clear form.</returns>
    /// <exception cref="SubscriptionFileException">Damaged, or sealed for somebody else: then the message says for whom.</exception>
    public static byte[] Open(ReadOnlySpan<byte> content, string fileName, SubscriptionOpeners openers)
    {
        if (!IsSealed(content))
        {
            return content.ToArray();
        }

        (SubscriptionForm form, _) = Describe(content, fileName);
        byte[] cms = Dearmour(content, fileName);
        try
        {
            return form == SubscriptionForm.Hub
                ? SealedData.Open(cms, openers.Own)
                : SealedData.Open(cms, openers.Passphrase ?? throw new SubscriptionFileException(
                    fileName, 0, "the file is sealed with a passphrase", "Give it with --passphrase-file FILE, or import from a terminal, which asks for it."));
        }
        catch (SealingException e)
        {
            throw Refused(e, fileName);
        }
    }

    private static byte[] Armour(byte[] cms)
    {
        StringBuilder text = new(Begin + "\n");
        string base64 = Convert.ToBase64String(cms);
        for (int i = 0; i < base64.Length; i += LineLength)
        {
            text.Append(base64.AsSpan(i, Math.Min(LineLength, base64.Length - i))).Append('\n');
        }

        return Encoding.ASCII.GetBytes(text.Append(End).Append('\n').ToString());
    }

    /// <summary>Strict, so that damage has a line.</summary>
    private static byte[] Dearmour(ReadOnlySpan<byte> content, string fileName)
    {
        string[] lines = Text(content).ReplaceLineEndings("\n").Split('\n');
        int first = Array.FindIndex(lines, line => line.Trim().Length > 0);
        StringBuilder base64 = new();
        int at = first + 1;
        for (; at < lines.Length && lines[at].Trim() != End; at++)
        {
            string line = lines[at].Trim();
            if (line.AsSpan().ContainsAnyExcept(Base64))
            {
                throw new SubscriptionFileException(fileName, at + 1, "not base64", Damaged);
            }

            base64.Append(line);
        }

        if (at == lines.Length)
        {
            throw new SubscriptionFileException(fileName, lines.Length, $"the file ends without {End}", Damaged);
        }

        if (Array.FindIndex(lines, at + 1, line => line.Trim().Length > 0) is var behind and >= 0)
        {
            throw new SubscriptionFileException(fileName, behind + 1, $"something stands behind {End}", Damaged);
        }

        try
        {
            return Convert.FromBase64String(base64.ToString());
        }
        catch (FormatException e)
        {
            throw new SubscriptionFileException(fileName, at, "the base64 before this line is not whole", Damaged, e);
        }
    }

    private static SubscriptionFileException Refused(SealingException e, string fileName) => new(
        fileName,
        0,
        e.Message,
        e.Fault switch
        {
            SealingFault.ForOthers => "Import it on that hub, or make a new file on the edge for this one: 'postern hub identity' prints what '--for-hub' takes there.",
            SealingFault.WrongPassphrase => "Check the passphrase: blanks and letters' case count.",
            SealingFault.UnknownAlgorithm => "A newer Postern may have sealed it: upgrade Postern on this hub, then import again.",
            _ => Damaged,
        },
        e);

    /// <summary>One character an octet, so that nothing is refused or changed before it is looked at.</summary>
    private static string Text(ReadOnlySpan<byte> content) => Encoding.Latin1.GetString(content);
}
