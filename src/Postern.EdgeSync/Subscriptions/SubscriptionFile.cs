using Postern.Certificates;
using Postern.Mail;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>
/// The Edge Subscription file: made on the edge, carried to the hub by hand, good for one session. Field names of fact sheet 2.3;
/// layout and units are ours, those of Exchange are not documented (section 14).
/// </summary>
/// <remarks>It holds a password and a key: written 0600, never logged, to be deleted after the import; sealed where that is asked for
/// (<see cref="SealedSubscription"/>). schema/edge-subscription.xsd describes the clear form.</remarks>
public sealed record SubscriptionFile
{
    /// <summary>The newest layout that this version reads and the one that it writes.</summary>
    public const int CurrentFormatVersion = 1;

    /// <summary>A file that is larger is refused unread. Octets; a real one has about 2 KiB.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Short name: letters, digits and hyphens, at most 63 (RFC 1123 section 2.1).</summary>
    public required string EdgeServerName { get; init; }

    public required string EdgeServerFqdn { get; init; }

    /// <summary>The edge's certificate, DER: the pin.</summary>
    public required ReadOnlyMemory<byte> EdgeCertificateBlob { get; init; }

    /// <summary>The bootstrap account: <c>ESRA.</c> and the edge's name.</summary>
    public required string EsraUsername { get; init; }

    public required string EsraPassword { get; init; }

    public required DateTimeOffset EffectiveDate { get; init; }

    /// <summary>Life of the bootstrap account from <see cref="EffectiveDate"/> on.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Where the edge listens for LDAPS.</summary>
    public required int AdamSslPort { get; init; }

    public string ProductId { get; init; } = "Postern";

    /// <summary>Postern version of the edge. (Exchange has its own version here, under a name that does not say so.)</summary>
    public string SerialNumber { get; init; } = "";

    /// <summary>The key that this edge's addresses are hashed with. Ours.</summary>
    public required AddressHashKey AddressHashKey { get; init; }

    /// <summary>Objects of the edge's own configuration that the hub's will replace, in words. Ours; for whoever imports the file.</summary>
    public IReadOnlyList<string> ReplacedObjects { get; init; } = [];

    /// <summary>More are counted, not named: a file stays small.</summary>
    public const int MaxReplacedObjects = 200;

    /// <summary>Layout of the file. Ours, and repeated as VersionNumber, which is what fact sheet 2.3 calls it.</summary>
    public int FormatVersion { get; init; } = CurrentFormatVersion;

    public DateTimeOffset ExpiresAt => EffectiveDate + Duration;

    /// <exception cref="SubscriptionFileException">Missing, too large, truncated, damaged, sealed for somebody else, or of a newer version.</exception>
    public static SubscriptionFile Read(string path, SubscriptionOpeners? openers = null) => Parse(ReadContent(path), path, openers);

    /// <summary>The file's octets, in whatever form.</summary>
    /// <exception cref="SubscriptionFileException">Missing or too large.</exception>
    public static byte[] ReadContent(string path)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > MaxBytes)
            {
                throw TooLarge(path, stream.Length);
            }

            byte[] content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SubscriptionFileException(path, 0, "there is no such file", "Make one on the edge with 'postern subscription new' and copy it here.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SubscriptionFileException(path, 0, $"the file cannot be read: {e.Message}", "Check the path and its permissions.", e);
        }
    }

    /// <summary>The same from octets; <paramref name="fileName"/> is for messages.</summary>
    /// <exception cref="SubscriptionFileException">As in <see cref="Read"/>.</exception>
    public static SubscriptionFile Parse(ReadOnlyMemory<byte> content, string fileName, SubscriptionOpeners? openers = null) =>
        content.Length > MaxBytes
            ? throw TooLarge(fileName, content.Length)
            : SubscriptionXml.Read(SealedSubscription.Open(content.Span, fileName, openers ?? SubscriptionOpeners.None), fileName);

    /// <summary>The file's octets, UTF-8.</summary>
    public byte[] ToBytes() => SubscriptionXml.Write(this);

    /// <summary>Writes the file with mode 0600.</summary>
    /// <exception cref="SubscriptionFileException">It exists and <paramref name="force"/> is false, or cannot be written.</exception>
    public void Write(string path, bool force)
    {
        try
        {
            if (force)
            {
                PrivateFile.Replace(path, ToBytes());
            }
            else
            {
                PrivateFile.CreateNew(path, ToBytes());
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            bool exists = !force && File.Exists(path);
            throw new SubscriptionFileException(
                path,
                0,
                exists ? "the file exists" : $"the file cannot be written: {e.Message}",
                exists ? "Choose another name, or overwrite it with --force." : "Check the folder and its permissions.",
                e);
        }
    }

    /// <summary>Without its secrets.</summary>
    public override string ToString() => $"subscription file of {EdgeServerName} ({EdgeServerFqdn}:{AdamSslPort}), good until {ExpiresAt:u}";

    private static SubscriptionFileException TooLarge(string fileName, long bytes) => new(
        fileName, 0, $"the file has {bytes} octets; a subscription file has at most {MaxBytes}", "This is not a subscription file; check the name.");
}
