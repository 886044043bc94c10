using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

// RFC 4527 (complete): read inside the update's transaction

/// <summary>Pre-read and post-read controls, RFC 4527: the entry as it was before, or is after, an update.</summary>
public static class ReadEntryControl
{
    /// <summary>SearchResultEntry, [APPLICATION 4], constructed.</summary>
    private const byte EntryTag = 0x64;

    /// <param name="oid"><see cref="LdapOids.PreRead"/> or <see cref="LdapOids.PostRead"/>.</param>
    /// <param name="attributes">AttributeSelection, as in a search request: empty asks for all user attributes.</param>
    public static LdapControl Create(string oid, IReadOnlyList<string> attributes, bool critical = false)
    {
        NameOf(oid);
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        foreach (string attribute in attributes)
        {
            writer.WriteText(attribute);
        }

        writer.PopSequence();
        return new LdapControl(oid, critical, writer.Encode());
    }

    /// <exception cref="LdapProtocolException">The value is missing, no attribute selection, or longer than <see cref="LdapLimits.MaxAttributes"/>.</exception>
    public static IReadOnlyList<string> Decode(LdapControl control, LdapLimits limits)
    {
        string what = NameOf(control.Oid);
        BerReader reader = ControlValue.Open(control, control.Oid, what);
        List<string> attributes = [];
        while (!reader.IsAtEnd)
        {
            if (attributes.Count == limits.MaxAttributes)
            {
                throw new LdapProtocolException($"{what}: more than {limits.MaxAttributes} attributes asked for") { IsLimit = true };
            }

            attributes.Add(reader.ReadString($"{what}: attribute selector"));
        }

        return attributes;
    }

    /// <summary>The response: the entry as a SearchResultEntry.</summary>
    public static LdapControl CreateResponse(string oid, LdapEntry entry)
    {
        NameOf(oid);
        AsnWriter writer = new(AsnEncodingRules.BER);
        new SearchResultEntry(entry).Write(writer);
        return new LdapControl(oid, Critical: false, writer.Encode());
    }

    /// <exception cref="LdapProtocolException">The value is missing, no entry, or beyond the limits of entries.</exception>
    public static LdapEntry DecodeResponse(LdapControl control, LdapLimits limits)
    {
        string what = NameOf(control.Oid) + " response";

        // Some servers write a plain SEQUENCE where the RFC says SearchResultEntry; its contents are the same.
        ReadOnlyMemory<byte> value = ControlValue.Of(control, control.Oid, what);
        byte tag = value.Length > 0 && value.Span[0] == BerTag.Sequence ? BerTag.Sequence : EntryTag;
        return SearchResultEntry.Read(ControlValue.Open(value, what, tag), limits).Entry;
    }

    private static string NameOf(string oid) => oid switch
    {
        LdapOids.PreRead => "pre-read control",
        LdapOids.PostRead => "post-read control",
        _ => throw new ArgumentException($"control {oid} is neither pre-read nor post-read", nameof(oid)),
    };
}
