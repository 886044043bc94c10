using System.Text;
using System.Text.Unicode;

namespace Postern.Ldap;

/// <summary>Syntaxes of values by their OIDs, RFC 4517 section 3.3, and what a value of each must look like.</summary>
public static class Syntaxes
{
    private const string Arc = "1.3.6.1.4.1.1466.115.121.1.";

    public const string AttributeTypeDescription = Arc + "3";
    public const string Audio = Arc + "4";
    public const string Binary = Arc + "5";
    public const string BitString = Arc + "6";
    public const string Boolean = Arc + "7";
    public const string Certificate = Arc + "8";
    public const string CertificateList = Arc + "9";
    public const string CertificatePair = Arc + "10";
    public const string CountryString = Arc + "11";
    public const string DistinguishedName = Arc + "12";
    public const string DeliveryMethod = Arc + "14";
    public const string DirectoryString = Arc + "15";
    public const string DitContentRuleDescription = Arc + "16";
    public const string DitStructureRuleDescription = Arc + "17";
    public const string EnhancedGuide = Arc + "21";
    public const string FacsimileTelephoneNumber = Arc + "22";
    public const string Fax = Arc + "23";
    public const string GeneralizedTime = Arc + "24";
    public const string Guide = Arc + "25";
    public const string IA5String = Arc + "26";
    public const string Integer = Arc + "27";
    public const string Jpeg = Arc + "28";
    public const string MatchingRuleDescription = Arc + "30";
    public const string MatchingRuleUseDescription = Arc + "31";
    public const string NameAndOptionalUid = Arc + "34";
    public const string NameFormDescription = Arc + "35";
    public const string NumericString = Arc + "36";
    public const string ObjectClassDescription = Arc + "37";
    public const string ObjectIdentifier = Arc + "38";
    public const string OctetString = Arc + "40";
    public const string PostalAddress = Arc + "41";
    public const string PrintableString = Arc + "44";
    public const string TelephoneNumber = Arc + "50";
    public const string TeletexTerminalIdentifier = Arc + "51";
    public const string TelexNumber = Arc + "52";
    public const string LdapSyntaxDescription = Arc + "54";
    public const string SubstringAssertion = Arc + "58";

    /// <summary>RFC 4530 section 2.1.</summary>
    public const string Uuid = "1.3.6.1.1.16.1";

    /// <summary>PrintableCharacter of RFC 4517 section 3.2.</summary>
    private const string PrintableMarks = "'()+,-./:? =";

    /// <summary>Those a schema of ours may use, with the names that RFC 4517 gives them.</summary>
    public static IReadOnlyList<(string Oid, string Description)> All { get; } =
    [
        (AttributeTypeDescription, "Attribute Type Description"),
        (Audio, "Audio"),
        (Binary, "Binary"),
        (BitString, "Bit String"),
        (Boolean, "Boolean"),
        (Certificate, "Certificate"),
        (CertificateList, "Certificate List"),
        (CertificatePair, "Certificate Pair"),
        (CountryString, "Country String"),
        (DistinguishedName, "DN"),
        (DeliveryMethod, "Delivery Method"),
        (DirectoryString, "Directory String"),
        (DitContentRuleDescription, "DIT Content Rule Description"),
        (DitStructureRuleDescription, "DIT Structure Rule Description"),
        (EnhancedGuide, "Enhanced Guide"),
        (FacsimileTelephoneNumber, "Facsimile Telephone Number"),
        (Fax, "Fax"),
        (GeneralizedTime, "Generalized Time"),
        (Guide, "Guide"),
        (IA5String, "IA5 String"),
        (Integer, "INTEGER"),
        (Jpeg, "JPEG"),
        (MatchingRuleDescription, "Matching Rule Description"),
        (MatchingRuleUseDescription, "Matching Rule Use Description"),
        (NameAndOptionalUid, "Name And Optional UID"),
        (NameFormDescription, "Name Form Description"),
        (NumericString, "Numeric String"),
        (ObjectClassDescription, "Object Class Description"),
        (ObjectIdentifier, "OID"),
        (OctetString, "Octet String"),
        (PostalAddress, "Postal Address"),
        (PrintableString, "Printable String"),
        (TelephoneNumber, "Telephone Number"),
        (TeletexTerminalIdentifier, "Teletex Terminal Identifier"),
        (TelexNumber, "Telex Number"),
        (LdapSyntaxDescription, "LDAP Syntax Description"),
        (SubstringAssertion, "Substring Assertion"),
        (Uuid, "UUID"),
    ];

    private static readonly Dictionary<string, string> Names = All.ToDictionary(s => s.Oid, s => s.Description);

    /// <summary>The syntax's name, or its OID when we have none.</summary>
    public static string NameOf(string oid) => Names.GetValueOrDefault(oid, oid);

    public static bool IsKnown(string oid) => Names.ContainsKey(oid);

    /// <summary>Whether a value may stand under a syntax. Syntaxes of octets, and those that nobody checks (certificates), take any.</summary>
    public static bool IsValid(string oid, ReadOnlySpan<byte> value) => oid switch
    {
        DirectoryString or DeliveryMethod => value.Length > 0 && Utf8.IsValid(value),
        PostalAddress => value.Length > 0 && Utf8.IsValid(value),
        IA5String => Ascii.IsValid(value),
        PrintableString or TelephoneNumber => IsPrintable(value),
        FacsimileTelephoneNumber => value.IndexOf((byte)'$') is var end && IsPrintable(end < 0 ? value : value[..end]),
        TelexNumber => Ascii.IsValid(value) && value.Count((byte)'$') == 2,
        NumericString => Kind(MatchingRule.NumericString, value),
        CountryString => value.Length == 2 && IsPrintable(value),
        Boolean => Kind(MatchingRule.Boolean, value),
        Integer => Kind(MatchingRule.Integer, value),
        GeneralizedTime => Kind(MatchingRule.GeneralizedTime, value),
        DistinguishedName => Kind(MatchingRule.DistinguishedName, value),
        NameAndOptionalUid => Kind(MatchingRule.UniqueMember, value),
        BitString => Kind(MatchingRule.BitString, value),
        ObjectIdentifier => Kind(MatchingRule.ObjectIdentifier, value),
        Uuid => Kind(MatchingRule.Uuid, value),
        _ => true,
    };

    private static bool Kind(MatchingRule kind, ReadOnlySpan<byte> value) => MatchingRules.TryNormalize(kind, value, out _);

    private static bool IsPrintable(ReadOnlySpan<byte> value)
    {
        foreach (byte octet in value)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet) && !PrintableMarks.Contains((char)octet, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return value.Length > 0;
    }
}
