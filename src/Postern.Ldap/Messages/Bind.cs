using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>BindRequest, RFC 4511 section 4.2.</summary>
/// <param name="Name">The DN to bind as; empty for anonymous and for SASL.</param>
public sealed record BindRequest(int Version, string Name, BindCredentials Credentials) : LdapOperation
{
    private const int SimpleTag = 0;
    private const int SaslTag = 3;

    public static BindRequest Simple(string name, string password) => new(3, name, new SimpleCredentials(System.Text.Encoding.UTF8.GetBytes(password)));

    /// <summary>SASL EXTERNAL, RFC 4422 appendix A: identity comes from the transport.</summary>
    public static BindRequest External() => new(3, "", new SaslCredentials("EXTERNAL", ReadOnlyMemory<byte>.Empty));

    internal static BindRequest Read(BerReader reader, LdapLimits limits)
    {
        int version = reader.ReadInteger("version");
        string name = DnField.Read(ref reader, "bind name", limits);
        BindCredentials credentials;
        byte tag = reader.PeekTag();
        if (tag == BerTag.Context(SimpleTag))
        {
            credentials = new SimpleCredentials(reader.ReadOctets("simple", tag));
        }
        else if (tag == BerTag.ContextConstructed(SaslTag))
        {
            BerReader sasl = reader.ReadConstructed(tag, "sasl");
            string mechanism = sasl.ReadString("mechanism");
            ReadOnlyMemory<byte>? value = sasl.ReadOptionalOctets("credentials");
            sasl.ExpectEnd("sasl");
            credentials = new SaslCredentials(mechanism, value);
        }
        else
        {
            credentials = new UnknownCredentials();
            reader.ReadElement(tag, "authentication");
        }

        reader.ExpectEnd("BindRequest");
        return new BindRequest(version, name, credentials);
    }

    internal void Write(AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Application(LdapOperationTag.BindRequest));
        writer.WriteInteger(Version);
        writer.WriteText(Name);
        switch (Credentials)
        {
            case SimpleCredentials simple:
                writer.WriteOctetString(simple.Password.Span, BerWriter.Context(SimpleTag));
                break;
            case SaslCredentials sasl:
                writer.PushSequence(BerWriter.Context(SaslTag, constructed: true));
                writer.WriteText(sasl.Mechanism);
                if (sasl.Value is { } value)
                {
                    writer.WriteOctetString(value.Span);
                }

                writer.PopSequence(BerWriter.Context(SaslTag, constructed: true));
                break;
            default:
                throw new InvalidOperationException("an unknown authentication choice cannot be written");
        }

        writer.PopSequence(BerWriter.Application(LdapOperationTag.BindRequest));
    }
}

/// <summary>AuthenticationChoice. Printed without its secret.</summary>
public abstract record BindCredentials;

public sealed record SimpleCredentials(ReadOnlyMemory<byte> Password) : BindCredentials
{
    public override string ToString() => "simple, hidden";
}

public sealed record SaslCredentials(string Mechanism, ReadOnlyMemory<byte>? Value) : BindCredentials
{
    public override string ToString() => $"SASL {Mechanism}, hidden";
}

/// <summary>A choice that RFC 4511 does not know: to be answered with authMethodNotSupported.</summary>
public sealed record UnknownCredentials : BindCredentials;

/// <summary>BindResponse, RFC 4511 section 4.2.2.</summary>
public sealed record BindResponse(LdapResult Result, ReadOnlyMemory<byte>? ServerSaslCredentials = null) : LdapOperation
{
    private const int ServerSaslTag = 7;

    internal static BindResponse Read(BerReader reader)
    {
        LdapResult result = LdapResultCodec.Read(ref reader);
        ReadOnlyMemory<byte>? sasl = reader.ReadOptionalOctets("serverSaslCreds", BerTag.Context(ServerSaslTag));
        reader.ExpectEnd("BindResponse");
        return new BindResponse(result, sasl);
    }

    internal void Write(AsnWriter writer)
    {
        writer.PushSequence(BerWriter.Application(LdapOperationTag.BindResponse));
        LdapResultCodec.Write(Result, writer);
        if (ServerSaslCredentials is { } sasl)
        {
            writer.WriteOctetString(sasl.Span, BerWriter.Context(ServerSaslTag));
        }

        writer.PopSequence(BerWriter.Application(LdapOperationTag.BindResponse));
    }
}
