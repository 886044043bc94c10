using System.Formats.Asn1;

namespace Postern.Certificates;

/// <summary>What stands beside a bag of PKCS #12 (RFC 7292 section 4.2), as far as it is of use.</summary>
internal sealed record Pkcs12Attributes(string? FriendlyName, WindowsKeyAttributes Windows)
{
    private const string FriendlyNameOid = "1.2.840.113549.1.9.20";

    /// <summary>Attributes of one bag. Ours.</summary>
    private const int MaxAttributes = 64;

    /// <summary>Characters; longer ones are cut. Ours.</summary>
    private const int MaxName = 256;

    /// <param name="bag">What follows its value.</param>
    public static Pkcs12Attributes Read(AsnReader bag)
    {
        string? friendlyName = null;
        string? provider = null;
        bool isMachine = false;
        AsnReader? attributes = bag.HasData ? bag.ReadSetOf(skipSortOrderValidation: true) : null;
        for (int count = 0; attributes?.HasData == true && count < MaxAttributes; count++)
        {
            AsnReader attribute = attributes.ReadSequence();
            string oid = attribute.ReadObjectIdentifier();
            AsnReader values = attribute.ReadSetOf(skipSortOrderValidation: true);
            switch (oid)
            {
                case FriendlyNameOid:
                    friendlyName = Text(values) ?? friendlyName;
                    break;
                case WindowsKeyAttributes.ProviderNameOid:
                    provider = Text(values) ?? provider;
                    break;
                case WindowsKeyAttributes.MachineKeySetOid:
                    isMachine = true;
                    break;
            }
        }

        return new Pkcs12Attributes(friendlyName, new WindowsKeyAttributes(provider, isMachine, null));
    }

    /// <summary>A BMPString by the book; what a program wrote as another kind of text is not read, and not an error.</summary>
    private static string? Text(AsnReader values)
    {
        UniversalTagNumber? kind = values.HasData && values.PeekTag() is { TagClass: TagClass.Universal } tag ? (UniversalTagNumber)tag.TagValue : null;
        if (kind is not (UniversalTagNumber.BMPString or UniversalTagNumber.UTF8String))
        {
            return null;
        }

        string text = values.ReadCharacterString(kind.Value);
        return text.Length > MaxName ? text[..MaxName] : text.TrimEnd('\0');
    }
}
