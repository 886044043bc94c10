using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml;
using Postern.Mail;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>The subscription file as XML: one flat element per field, in the order of fact sheet 2.3, FormatVersion first.</summary>
internal static class SubscriptionXml
{
    private const string Root = "EdgeSubscription";

    private const string Damaged = "The file is damaged or was not copied whole. Copy it again, or make a new one on the edge with 'postern subscription new --force'.";

    /// <summary>No date beyond a year is believable for a bootstrap account.</summary>
    private static readonly TimeSpan MaxDuration = TimeSpan.FromDays(366);

    /// <summary>Life of a bootstrap password is hours; this only keeps nonsense out. Characters.</summary>
    private const int MaxTextLength = 1024;

    /// <summary>Stands as often as there are such objects; the others once.</summary>
    private const string ReplacedObject = "ReplacedObject";

    private static readonly string[] Fields =
    [
        "FormatVersion", "EdgeServerName", "EdgeServerFQDN", "EdgeCertificateBlob", "ESRAUsername", "ESRAPassword", "EffectiveDate",
        "Duration", "AdamSslPort", "ProductID", "VersionNumber", "SerialNumber", "AddressHashKey",
    ];

    public static byte[] Write(SubscriptionFile file)
    {
        using MemoryStream stream = new();
        using (XmlWriter writer = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n" }))
        {
            writer.WriteStartDocument();
            writer.WriteStartElement(Root);
            string version = file.FormatVersion.ToString(CultureInfo.InvariantCulture);
            string[] values =
            [
                version, file.EdgeServerName, file.EdgeServerFqdn, Convert.ToBase64String(file.EdgeCertificateBlob.Span), file.EsraUsername,
                file.EsraPassword, file.EffectiveDate.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), DurationText.Print(file.Duration),
                file.AdamSslPort.ToString(CultureInfo.InvariantCulture), file.ProductId, version, file.SerialNumber,
                Convert.ToBase64String(file.AddressHashKey.ToBytes()),
            ];
            for (int i = 0; i < Fields.Length; i++)
            {
                writer.WriteElementString(Fields[i], values[i]);
            }

            foreach (string one in file.ReplacedObjects)
            {
                writer.WriteElementString(ReplacedObject, one);
            }

            writer.WriteEndElement();
            writer.WriteEndDocument();
        }

        return stream.ToArray();
    }

    public static SubscriptionFile Read(ReadOnlyMemory<byte> content, string fileName)
    {
        List<string> replaced = [];
        Dictionary<string, (string Text, int Line)> fields = ReadFields(content, fileName, replaced);
        return new Binder(fields, fileName).Bind() with { ReplacedObjects = replaced };
    }

    private static Dictionary<string, (string Text, int Line)> ReadFields(ReadOnlyMemory<byte> content, string fileName, List<string> replaced)
    {
        XmlReaderSettings settings = new()
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = SubscriptionFile.MaxBytes,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            IgnoreWhitespace = true,
        };
        Dictionary<string, (string, int)> fields = new(StringComparer.Ordinal);
        using XmlReader reader = XmlReader.Create(new MemoryStream(content.ToArray()), settings);
        IXmlLineInfo position = (IXmlLineInfo)reader;
        try
        {
            if (reader.MoveToContent() != XmlNodeType.Element || reader.LocalName != Root)
            {
                throw new SubscriptionFileException(fileName, position.LineNumber, $"'{reader.Name}' stands where {Root} should", "This is not a subscription file; check the name.");
            }

            reader.ReadStartElement();
            while (reader.MoveToContent() == XmlNodeType.Element)
            {
                string name = reader.LocalName;
                int line = position.LineNumber;
                string text = reader.ReadElementContentAsString();
                if (name == Fields[0])
                {
                    CheckVersion(text, fileName, line);
                }
                else if (name == ReplacedObject)
                {
                    // One more counts the rest. Control characters would be shown on a terminal; XML lets tabs and line ends in.
                    replaced.Add(replaced.Count <= SubscriptionFile.MaxReplacedObjects && text.Length is > 0 and <= MaxTextLength && !text.Any(char.IsControl)
                        ? text
                        : throw new SubscriptionFileException(fileName, line, $"{ReplacedObject}: not the name of an object, or more than {SubscriptionFile.MaxReplacedObjects} of them", Damaged));
                    continue;
                }
                else if (!Fields.Contains(name))
                {
                    throw new SubscriptionFileException(fileName, line, $"element {name} is unknown", Damaged);
                }

                if (!fields.TryAdd(name, (text, line)))
                {
                    throw new SubscriptionFileException(fileName, line, $"element {name} is there twice", Damaged);
                }
            }

            reader.ReadEndElement();
            while (reader.Read())
            {
                // Anything but blanks after the end is an XmlException.
            }
        }
        catch (XmlException e)
        {
            throw new SubscriptionFileException(fileName, e.LineNumber, $"this is not whole, well-formed XML: {e.Message}", Damaged, e);
        }

        return fields;
    }

    private static void CheckVersion(string text, string fileName, int line)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int version) || version < 1)
        {
            throw new SubscriptionFileException(fileName, line, $"FormatVersion '{Shorten(text)}' is not a version", Damaged);
        }

        if (version > SubscriptionFile.CurrentFormatVersion)
        {
            throw new SubscriptionFileException(
                fileName,
                line,
                $"format version {version} is newer than {SubscriptionFile.CurrentFormatVersion}, the newest that this Postern reads",
                "Upgrade Postern on this hub, then import again.");
        }
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "...";

    private sealed class Binder(Dictionary<string, (string Text, int Line)> fields, string fileName)
    {
        public SubscriptionFile Bind()
        {
            string name = Text("EdgeServerName", EdgeNames.IsLabel);
            SubscriptionFile file = new()
            {
                FormatVersion = Number("FormatVersion", 1, SubscriptionFile.CurrentFormatVersion),
                EdgeServerName = name,
                EdgeServerFqdn = Text("EdgeServerFQDN", EdgeNames.IsHostName),
                EdgeCertificateBlob = Certificate("EdgeCertificateBlob"),
                EsraUsername = Text("ESRAUsername"),
                EsraPassword = Text("ESRAPassword"),
                EffectiveDate = Date("EffectiveDate"),
                Duration = Duration("Duration"),
                AdamSslPort = Number("AdamSslPort", 1, 65535),
                ProductId = Text("ProductID"),
                SerialNumber = fields.TryGetValue("SerialNumber", out (string Text, int) serial) ? serial.Text : "",
                AddressHashKey = Key("AddressHashKey"),
            };
            return string.Equals(file.EsraUsername, EdgeNames.BootstrapAccount(name), StringComparison.OrdinalIgnoreCase)
                ? file
                : throw Fault("ESRAUsername", $"'{Shorten(file.EsraUsername)}' is not the bootstrap account of {name}");
        }

        private delegate bool Check(string text, out string? error);

        private string Text(string field, Check? check = null)
        {
            if (!fields.TryGetValue(field, out (string Text, int Line) value))
            {
                throw new SubscriptionFileException(fileName, 0, $"element {field} is missing", Damaged);
            }

            if (value.Text.Length == 0 || (value.Text.Length > MaxTextLength && field is not "EdgeCertificateBlob"))
            {
                throw Fault(field, $"{value.Text.Length} characters; 1 to {MaxTextLength} are expected");
            }

            return check is null || check(value.Text, out string? error) ? value.Text : throw Fault(field, error!);
        }

        private int Number(string field, int least, int most) =>
            int.TryParse(Text(field), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
                ? number
                : throw Fault(field, $"'{Shorten(Text(field))}' is not a number from {least} to {most}");

        private DateTimeOffset Date(string field) =>
            DateTimeOffset.TryParseExact(
                Text(field), "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset date)
            && date.Year is >= 2000 and < 9000
                ? date
                : throw Fault(field, $"'{Shorten(Text(field))}' is not a time such as 2026-11-22T10:00:00Z");

        private TimeSpan Duration(string field) =>
            DurationText.TryParse(Text(field), out TimeSpan duration) && duration > TimeSpan.Zero && duration <= MaxDuration
                ? duration
                : throw Fault(field, $"'{Shorten(Text(field))}' is not a duration {DurationText.Form} of at most {MaxDuration.TotalDays} days");

        private byte[] Octets(string field)
        {
            try
            {
                return Convert.FromBase64String(Text(field));
            }
            catch (FormatException e)
            {
                throw new SubscriptionFileException(fileName, fields[field].Line, $"{field}: not base64", Damaged, e);
            }
        }

        private byte[] Certificate(string field)
        {
            byte[] der = Octets(field);
            try
            {
                using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
                return certificate.RawData.AsSpan().SequenceEqual(der) ? der : throw Fault(field, "not one certificate in DER");
            }
            catch (CryptographicException e)
            {
                throw new SubscriptionFileException(fileName, fields[field].Line, $"{field}: not a certificate in DER", Damaged, e);
            }
        }

        private AddressHashKey Key(string field)
        {
            byte[] octets = Octets(field);
            return octets.Length == AddressHashKey.KeyBytes
                ? AddressHashKey.FromBytes(octets)
                : throw Fault(field, $"{octets.Length} octets; a key has {AddressHashKey.KeyBytes}");
        }

        private SubscriptionFileException Fault(string field, string fault) => new(fileName, fields[field].Line, $"{field}: {fault}", Damaged);
    }
}
