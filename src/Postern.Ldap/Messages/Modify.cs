using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>RFC 4511 section 4.6; increment is RFC 4525.</summary>
public enum ModificationType
{
    Add = 0,
    Delete = 1,
    Replace = 2,
    Increment = 3,
}

public sealed record Modification(ModificationType Type, LdapAttribute Attribute);

/// <summary>ModifyRequest, RFC 4511 section 4.6: all changes or none, in order.</summary>
public sealed record ModifyRequest(string Dn, IReadOnlyList<Modification> Changes) : LdapOperation, IUpdateOperation
{
    public ModifyRequest(string dn, params Modification[] changes)
        : this(dn, (IReadOnlyList<Modification>)changes)
    {
    }

    internal static ModifyRequest Read(BerReader reader, LdapLimits limits)
    {
        string dn = DnField.Read(ref reader, "object", limits);
        BerReader list = reader.ReadConstructed(BerTag.Sequence, "changes");
        List<Modification> changes = [];
        while (!list.IsAtEnd)
        {
            if (changes.Count == limits.MaxAttributes)
            {
                throw new LdapProtocolException($"changes: more than {limits.MaxAttributes}") { IsLimit = true };
            }

            BerReader change = list.ReadConstructed(BerTag.Sequence, "change");
            int type = change.ReadInteger("change operation", BerTag.Enumerated);
            if (type is < 0 or > 3)
            {
                throw new LdapProtocolException($"change operation: {type} is unknown");
            }

            changes.Add(new Modification(
                (ModificationType)type,
                AttributeListCodec.ReadAttribute(change.ReadConstructed(BerTag.Sequence, "modification"), limits)));
            change.ExpectEnd("change");
        }

        reader.ExpectEnd("ModifyRequest");
        return new ModifyRequest(dn, changes);
    }

    internal void Write(AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Application(LdapOperationTag.ModifyRequest));
        writer.WriteText(Dn);
        writer.PushSequence();
        foreach (Modification change in Changes)
        {
            writer.PushSequence();
            writer.WriteEnumerated((int)change.Type);
            AttributeListCodec.WriteAttribute(change.Attribute, writer);
            writer.PopSequence();
        }

        writer.PopSequence();
        writer.PopSequence(BerWriter.Application(LdapOperationTag.ModifyRequest));
    }
}

public sealed record ModifyResponse(LdapResult Result) : LdapOperation
{
    internal static ModifyResponse Read(BerReader reader) => new(LdapResultCodec.ReadOperation(reader, LdapOperationTag.ModifyResponse));
}
