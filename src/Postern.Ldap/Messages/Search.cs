using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>RFC 4511 section 4.5.1.2; subordinate is draft-sermersheim-ldap-subordinate-scope and refused by most servers.</summary>
public enum SearchScope
{
    BaseObject = 0,
    SingleLevel = 1,
    WholeSubtree = 2,
}

/// <summary>RFC 4511 section 4.5.1.3.</summary>
public enum DerefAliases
{
    Never = 0,
    InSearching = 1,
    FindingBaseObject = 2,
    Always = 3,
}

/// <summary>SearchRequest, RFC 4511 section 4.5.1.</summary>
/// <param name="Attributes">Descriptions asked for; empty or <c>*</c>: all user attributes, <c>+</c>: all operational (RFC 3673), <c>1.1</c>: none.</param>
public sealed record SearchRequest(string BaseDn, SearchScope Scope, Filter Filter, IReadOnlyList<string> Attributes) : LdapOperation
{
    public DerefAliases DerefAliases { get; init; }

    /// <summary>Entries at most; 0 is no limit asked for.</summary>
    public int SizeLimit { get; init; }

    /// <summary>Seconds at most; 0 is no limit asked for.</summary>
    public int TimeLimit { get; init; }

    /// <summary>Descriptions without values.</summary>
    public bool TypesOnly { get; init; }

    /// <summary>The entry itself, whatever it is.</summary>
    public static SearchRequest ReadEntry(string dn, params string[] attributes) => new(dn, SearchScope.BaseObject, Filter.Anything, attributes);

    internal static SearchRequest Read(BerReader reader, LdapLimits limits)
    {
        string baseDn = DnField.Read(ref reader, "baseObject", limits);
        int scope = reader.ReadInteger("scope", BerTag.Enumerated);
        int deref = reader.ReadInteger("derefAliases", BerTag.Enumerated);
        int sizeLimit = reader.ReadInteger("sizeLimit");
        int timeLimit = reader.ReadInteger("timeLimit");
        bool typesOnly = reader.ReadBoolean("typesOnly");
        if (scope is < 0 or > 2 || deref is < 0 or > 3 || sizeLimit < 0 || timeLimit < 0)
        {
            throw new LdapProtocolException($"SearchRequest: scope {scope}, derefAliases {deref}, sizeLimit {sizeLimit} or timeLimit {timeLimit} is out of range");
        }

        Filter filter = FilterCodec.Read(ref reader, limits);
        BerReader list = reader.ReadConstructed(BerTag.Sequence, "attributes");
        List<string> attributes = [];
        while (!list.IsAtEnd)
        {
            if (attributes.Count == limits.MaxAttributes)
            {
                throw new LdapProtocolException($"attributes: more than {limits.MaxAttributes} asked for") { IsLimit = true };
            }

            attributes.Add(list.ReadString("attribute selector"));
        }

        reader.ExpectEnd("SearchRequest");
        return new SearchRequest(baseDn, (SearchScope)scope, filter, attributes)
        {
            DerefAliases = (DerefAliases)deref,
            SizeLimit = sizeLimit,
            TimeLimit = timeLimit,
            TypesOnly = typesOnly,
        };
    }

    internal void Write(AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Application(LdapOperationTag.SearchRequest));
        writer.WriteText(BaseDn);
        writer.WriteEnumerated((int)Scope);
        writer.WriteEnumerated((int)DerefAliases);
        writer.WriteInteger(SizeLimit);
        writer.WriteInteger(TimeLimit);
        writer.WriteFlag(TypesOnly);
        FilterCodec.Write(Filter, writer);
        writer.PushSequence();
        foreach (string attribute in Attributes)
        {
            writer.WriteText(attribute);
        }

        writer.PopSequence();
        writer.PopSequence(BerWriter.Application(LdapOperationTag.SearchRequest));
    }
}

/// <summary>SearchResultEntry, RFC 4511 section 4.5.2.</summary>
public sealed record SearchResultEntry(LdapEntry Entry) : LdapOperation
{
    internal static SearchResultEntry Read(BerReader reader, LdapLimits limits)
    {
        string dn = DnField.Read(ref reader, "objectName", limits);
        IReadOnlyList<LdapAttribute> attributes = AttributeListCodec.Read(reader.ReadConstructed(BerTag.Sequence, "attributes"), limits);
        reader.ExpectEnd("SearchResultEntry");
        return new SearchResultEntry(new LdapEntry(dn, attributes));
    }

    internal void Write(AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Application(LdapOperationTag.SearchResultEntry));
        writer.WriteText(Entry.Dn);
        AttributeListCodec.Write(Entry.Attributes, writer);
        writer.PopSequence(BerWriter.Application(LdapOperationTag.SearchResultEntry));
    }
}

/// <summary>SearchResultReference, RFC 4511 section 4.5.3.</summary>
public sealed record SearchResultReference(IReadOnlyList<string> Uris) : LdapOperation
{
    internal static SearchResultReference Read(BerReader reader)
    {
        List<string> uris = [];
        while (!reader.IsAtEnd)
        {
            uris.Add(reader.ReadString("reference URI"));
        }

        return new SearchResultReference(uris);
    }

    internal void Write(AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Application(LdapOperationTag.SearchResultReference));
        foreach (string uri in Uris)
        {
            writer.WriteText(uri);
        }

        writer.PopSequence(BerWriter.Application(LdapOperationTag.SearchResultReference));
    }
}

public sealed record SearchResultDone(LdapResult Result) : LdapOperation
{
    internal static SearchResultDone Read(BerReader reader) => new(LdapResultCodec.ReadOperation(reader, LdapOperationTag.SearchResultDone));
}
