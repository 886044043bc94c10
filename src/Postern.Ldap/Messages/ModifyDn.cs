using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>ModifyDNRequest, RFC 4511 section 4.9.</summary>
/// <param name="NewSuperior">The new parent, or null to stay.</param>
public sealed record ModifyDnRequest(string Dn, string NewRdn, bool DeleteOldRdn, string? NewSuperior = null) : LdapOperation, IUpdateOperation
{
    private const int NewSuperiorTag = 0;

    internal static ModifyDnRequest Read(BerReader reader, LdapLimits limits)
    {
        string dn = DnField.Read(ref reader, "entry", limits);
        string newRdn = DnField.Read(ref reader, "newrdn", limits);
        bool deleteOldRdn = reader.ReadBoolean("deleteoldrdn");
        string? newSuperior = reader.NextIs(BerTag.Context(NewSuperiorTag))
            ? DnField.Read(ref reader, "newSuperior", limits, BerTag.Context(NewSuperiorTag))
            : null;
        reader.ExpectEnd("ModifyDNRequest");
        return new ModifyDnRequest(dn, newRdn, deleteOldRdn, newSuperior);
    }

    internal void Write(AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Application(LdapOperationTag.ModifyDnRequest));
        writer.WriteText(Dn);
        writer.WriteText(NewRdn);
        writer.WriteFlag(DeleteOldRdn);
        if (NewSuperior is not null)
        {
            writer.WriteText(NewSuperior, BerWriter.Context(NewSuperiorTag));
        }

        writer.PopSequence(BerWriter.Application(LdapOperationTag.ModifyDnRequest));
    }
}

public sealed record ModifyDnResponse(LdapResult Result) : LdapOperation
{
    internal static ModifyDnResponse Read(BerReader reader) => new(LdapResultCodec.ReadOperation(reader, LdapOperationTag.ModifyDnResponse));
}
