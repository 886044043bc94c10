using System.Globalization;
using System.Text.RegularExpressions;

namespace Postern.Certificates;

/// <summary>How much of a text of certutil is read. All ours.</summary>
public sealed record CertutilLimits
{
    public static CertutilLimits Default { get; } = new();

    /// <summary>Octets: a certificate takes 10 to 20 thousand in such a text.</summary>
    public int MaxOctets { get; init; } = 32 * 1024 * 1024;

    public int MaxCertificates { get; init; } = 2000;

    /// <summary>Characters of one line that are looked at.</summary>
    public int MaxLine { get; init; } = 4096;
}

/// <summary>One certificate of the text.</summary>
/// <param name="Number">As certutil counts, from 0.</param>
/// <param name="Thumbprint">SHA-1, 40 upper-case digits; null: the text does not say.</param>
/// <param name="Subject">Null: not recognized.</param>
/// <param name="Provider">Null: no key is named.</param>
/// <param name="ProviderType">0: CNG; null: the text was made without -v.</param>
/// <param name="IsRsa">Null: not recognized.</param>
public sealed record CertutilCertificate(int Number, string? Thumbprint, string? Subject, string? Provider, int? ProviderType, int? KeySpec, bool? IsRsa)
{
    public WindowsKeyInterface Interface => WindowsKeyProvider.Classify(Provider, ProviderType);

    public WindowsKeyVerdict Verdict => WindowsKeyVerdict.OfStore(Provider, ProviderType, KeySpec, IsRsa);
}

/// <param name="IsComplete">Whether certutil's last line is there; else the text may be cut off.</param>
public sealed record CertutilStore(IReadOnlyList<CertutilCertificate> Certificates, bool IsComplete);

/// <summary>
/// Reads what <c>certutil -v -store my</c> prints on Windows (fact sheet 7.8). Words change with the language of Windows; numbers, object
/// identifiers, names of properties and the order of fields do not, and those are relied on.
/// </summary>
public static partial class CertutilText
{
    private const string KeyProperty = "_PROP_ID(2)";
    private const string HashProperty = "_PROP_ID(3)";
    private const string AnyProperty = "_PROP_ID(";
    private const string RsaKeyOid = "1.2.840.113549.1.1.1";
    private const string EcKeyOid = "1.2.840.10045.2.1";
    private const int ThumbprintDigits = 40;

    /// <summary>Fields of the key property in certutil's order: container, provider, type, flags, key specification.</summary>
    private const int ProviderField = 2;

    private const int TypeField = 3;
    private const int KeySpecField = 5;

    /// <exception cref="CertificateFormatException">It is another text, or too long.</exception>
    public static CertutilStore Read(ReadOnlySpan<byte> octets, string name, CertutilLimits? limits = null)
    {
        CertutilLimits allowed = limits ?? CertutilLimits.Default;
        if (octets.Length > allowed.MaxOctets)
        {
            throw CertificateFormatException.Limit(name, "octets", octets.Length, allowed.MaxOctets);
        }

        List<CertutilCertificate> certificates = [];
        Entry? entry = null;
        bool isComplete = false;
        foreach (ReadOnlySpan<char> raw in PemText.Decode(octets).AsSpan().EnumerateLines())
        {
            string line = raw[..Math.Min(raw.Length, allowed.MaxLine)].ToString().Replace('\u00A0', ' ').Replace('\u202F', ' ');
            if (Header().Match(line) is { Success: true } header)
            {
                Finish(entry, certificates);
                if (certificates.Count >= allowed.MaxCertificates)
                {
                    throw CertificateFormatException.Limit(name, "certificates", certificates.Count + 1, allowed.MaxCertificates);
                }

                entry = new Entry(int.TryParse(header.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : certificates.Count);
            }
            else if (line.StartsWith("CertUtil:", StringComparison.OrdinalIgnoreCase))
            {
                isComplete = true;
            }
            else
            {
                entry?.Take(line);
            }
        }

        Finish(entry, certificates);
        return certificates.Count > 0
            ? new CertutilStore(certificates, isComplete)
            : throw new CertificateFormatException("notRecognized", $"{name} is not what certutil prints: there is no line like '================ Certificate 0 ================'", "on Windows: certutil -v -store my > cert.txt");
    }

    private static void Finish(Entry? entry, List<CertutilCertificate> certificates)
    {
        if (entry is not null)
        {
            certificates.Add(entry.Certificate);
        }
    }

    /// <summary>"================ Certificate 0 ================", the word in any language.</summary>
    [GeneratedRegex(@"^\s*={5,}\s+[^\s=]+\s+(\d{1,9})\s+={5,}\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Header();

    /// <summary>A name, an equals sign that blanks stand around, a value.</summary>
    [GeneratedRegex(@"^\s*([^=]{1,100}?)\s+=\s+(\S.*?)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Field();

    /// <summary>"c", "18", "0 -- XCN_AT_NONE", "20 (32)": hexadecimal first, then words.</summary>
    [GeneratedRegex(@"^(?:0x)?([0-9a-fA-F]{1,8})(?:\s+\((\d{1,9})\))?(?:\s.*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    /// <summary>"    CN=mail.example.com", a part of a name, and "Subject: CN=..." in the short form.</summary>
    [GeneratedRegex(@"^\s*(?:[^=:]{1,60}:\s+)?((?:CN|O|OU|DC|C|L|S|ST|E|SERIALNUMBER|STREET|T|G|SN|OID(?:\.\d+)+)=.+?)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePart();

    [GeneratedRegex(@"\(sha1\)\s*:\s*((?:[0-9a-fA-F]{2}\s*){20})\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Sha1Line();

    /// <summary>What is known of one certificate so far.</summary>
    private sealed class Entry(int number)
    {
        private readonly List<string> _name = [];
        private int _names;
        private string? _subject;
        private string? _hashLine;
        private string? _hashProperty;
        private string? _provider;
        private string? _type;
        private string? _keySpec;
        private bool? _isRsa;
        private string _property = "";
        private int _fields;

        public CertutilCertificate Certificate
        {
            get
            {
                EndName();
                return new CertutilCertificate(number, _hashProperty ?? _hashLine, _subject, _provider, Type(), Value(_keySpec), _isRsa);
            }
        }

        public void Take(string line)
        {
            if (line.Contains(AnyProperty, StringComparison.Ordinal))
            {
                _property = line.Contains(KeyProperty, StringComparison.Ordinal) ? KeyProperty : line.Contains(HashProperty, StringComparison.Ordinal) ? HashProperty : AnyProperty;
                _fields = 0;
            }
            else if (_property == KeyProperty)
            {
                TakeKeyField(line);
            }
            else if (_property == HashProperty)
            {
                _hashProperty ??= Digits(line);
            }
            else if (_property.Length == 0)
            {
                TakeHead(line);
            }
        }

        private void TakeKeyField(string line)
        {
            if (Field().Match(line) is not { Success: true } field)
            {
                return;
            }

            string name = field.Groups[1].Value;
            string value = field.Groups[2].Value;
            _fields++;
            if (name == "ProviderType" || (_fields == TypeField && name != "Provider"))
            {
                _type ??= value;
            }
            else if (name == "KeySpec" || _fields == KeySpecField)
            {
                _keySpec ??= value;
            }
            else if (name == "Provider" || _fields == ProviderField)
            {
                _provider ??= value;
            }
        }

        private void TakeHead(string line)
        {
            if (NamePart().Match(line) is { Success: true } part)
            {
                _name.Add(part.Groups[1].Value);
                return;
            }

            EndName();
            if (Sha1Line().Match(line) is { Success: true } hash)
            {
                // Hashes of names and of the key come before; the certificate's own is the last.
                _hashLine = Digits(hash.Groups[1].Value);
            }
            else if (line.Contains(EcKeyOid, StringComparison.Ordinal))
            {
                _isRsa ??= false;
            }
            else if (line.TrimEnd().Split(' ').Contains(RsaKeyOid))
            {
                _isRsa ??= true;
            }
            else if (Field().Match(line) is { Success: true } field && WindowsKeyProvider.Classify(field.Groups[2].Value, null) != WindowsKeyInterface.Unknown)
            {
                // Without -v only the name of the provider is printed.
                _provider ??= field.Groups[2].Value;
            }
        }

        /// <summary>The issuer's name comes first, the subject's second.</summary>
        private void EndName()
        {
            if (_name.Count > 0 && ++_names == 2)
            {
                _subject = string.Join(", ", _name);
            }

            _name.Clear();
        }

        /// <summary>Of a known provider the known type, whether the text has it as hexadecimal or not.</summary>
        private int? Type() => WindowsKeyProvider.TypeOf(_provider) is { } known && Value(_type) is not (null or 0) ? known : Value(_type);

        private static int? Value(string? text) => text is null || Number().Match(text) is not { Success: true } match ? null
            : match.Groups[2].Success ? int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)
            : int.TryParse(match.Groups[1].Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int number) && number >= 0 ? number : null;

        private static string? Digits(string text)
        {
            string digits = string.Concat(text.Where(char.IsAsciiHexDigit)).ToUpperInvariant();
            return digits.Length == ThumbprintDigits && text.All(one => char.IsAsciiHexDigit(one) || one == ' ' || one == '\t') ? digits : null;
        }
    }
}
