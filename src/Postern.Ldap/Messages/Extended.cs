using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>ExtendedRequest, RFC 4511 section 4.12.</summary>
public sealed record ExtendedRequest(string Name, ReadOnlyMemory<byte>? Value = null) : LdapOperation
{
    private const int NameTag = 0;
    private const int ValueTag = 1;

    internal static ExtendedRequest Read(BerReader reader)
    {
        string name = reader.ReadString("requestName", BerTag.Context(NameTag));
        ReadOnlyMemory<byte>? value = reader.ReadOptionalOctets("requestValue", BerTag.Context(ValueTag));
        reader.ExpectEnd("ExtendedRequest");
        return new ExtendedRequest(name, value);
    }

    internal void Write(AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Application(LdapOperationTag.ExtendedRequest));
        writer.WriteText(Name, BerWriter.Context(NameTag));
        if (Value is { } value)
        {
            writer.WriteOctetString(value.Span, BerWriter.Context(ValueTag));
        }

        writer.PopSequence(BerWriter.Application(LdapOperationTag.ExtendedRequest));
    }
}

/// <summary>ExtendedResponse, RFC 4511 section 4.12. With messageID 0 an unsolicited notification (section 4.4).</summary>
public sealed record ExtendedResponse(LdapResult Result, string? Name = null, ReadOnlyMemory<byte>? Value = null) : LdapOperation
{
    private const int NameTag = 10;
    private const int ValueTag = 11;

    internal static ExtendedResponse Read(BerReader reader)
    {
        LdapResult result = LdapResultCodec.Read(ref reader);
        string? name = reader.NextIs(BerTag.Context(NameTag)) ? reader.ReadString("responseName", BerTag.Context(NameTag)) : null;
        ReadOnlyMemory<byte>? value = reader.ReadOptionalOctets("responseValue", BerTag.Context(ValueTag));
        reader.ExpectEnd("ExtendedResponse");
        return new ExtendedResponse(result, name, value);
    }

    internal void Write(AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Application(LdapOperationTag.ExtendedResponse));
        LdapResultCodec.Write(Result, writer);
        if (Name is not null)
        {
            writer.WriteText(Name, BerWriter.Context(NameTag));
        }

        if (Value is { } value)
        {
            writer.WriteOctetString(value.Span, BerWriter.Context(ValueTag));
        }

        writer.PopSequence(BerWriter.Application(LdapOperationTag.ExtendedResponse));
    }
}

/// <summary>IntermediateResponse, RFC 4511 section 4.13.</summary>
public sealed record IntermediateResponse(string? Name, ReadOnlyMemory<byte>? Value) : LdapOperation
{
    private const int NameTag = 0;
    private const int ValueTag = 1;

    internal static IntermediateResponse Read(BerReader reader)
    {
        string? name = reader.NextIs(BerTag.Context(NameTag)) ? reader.ReadString("responseName", BerTag.Context(NameTag)) : null;
        ReadOnlyMemory<byte>? value = reader.ReadOptionalOctets("responseValue", BerTag.Context(ValueTag));
        reader.ExpectEnd("IntermediateResponse");
        return new IntermediateResponse(name, value);
    }

    internal void Write(AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Application(LdapOperationTag.IntermediateResponse));
        if (Name is not null)
        {
            writer.WriteText(Name, BerWriter.Context(NameTag));
        }

        if (Value is { } value)
        {
            writer.WriteOctetString(value.Span, BerWriter.Context(ValueTag));
        }

        writer.PopSequence(BerWriter.Application(LdapOperationTag.IntermediateResponse));
    }
}
