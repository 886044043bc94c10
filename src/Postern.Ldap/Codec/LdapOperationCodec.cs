using System.Formats.Asn1;

namespace Postern.Ldap.Codec;

/// <summary>The one switch on the tag of protocolOp; each operation reads and writes itself in its own file.</summary>
internal static class LdapOperationCodec
{
    private const byte ApplicationClass = 0x40;
    private const byte Constructed = 0x20;

    public static LdapOperation Read(byte tag, ReadOnlyMemory<byte> content, LdapLimits limits)
    {
        if ((tag & 0xc0) != ApplicationClass)
        {
            throw new LdapProtocolException($"protocolOp: tag 0x{tag:x2} is not of the application class");
        }

        LdapOperationTag operation = (LdapOperationTag)(tag & 0x1f);
        bool primitive = operation is LdapOperationTag.UnbindRequest or LdapOperationTag.DelRequest or LdapOperationTag.AbandonRequest;
        if (((tag & Constructed) == 0) != primitive)
        {
            throw new LdapProtocolException($"protocolOp: {operation} must be {(primitive ? "primitive" : "constructed")}");
        }

        BerReader reader = new(content);
        return operation switch
        {
            LdapOperationTag.BindRequest => BindRequest.Read(reader, limits),
            LdapOperationTag.BindResponse => BindResponse.Read(reader),
            LdapOperationTag.UnbindRequest => UnbindRequest.Read(content),
            LdapOperationTag.SearchRequest => SearchRequest.Read(reader, limits),
            LdapOperationTag.SearchResultEntry => SearchResultEntry.Read(reader, limits),
            LdapOperationTag.SearchResultDone => SearchResultDone.Read(reader),
            LdapOperationTag.SearchResultReference => SearchResultReference.Read(reader),
            LdapOperationTag.ModifyRequest => ModifyRequest.Read(reader, limits),
            LdapOperationTag.ModifyResponse => ModifyResponse.Read(reader),
            LdapOperationTag.AddRequest => AddRequest.Read(reader, limits),
            LdapOperationTag.AddResponse => AddResponse.Read(reader),
            LdapOperationTag.DelRequest => DelRequest.Read(content, limits),
            LdapOperationTag.DelResponse => DelResponse.Read(reader),
            LdapOperationTag.ModifyDnRequest => ModifyDnRequest.Read(reader, limits),
            LdapOperationTag.ModifyDnResponse => ModifyDnResponse.Read(reader),
            LdapOperationTag.CompareRequest => CompareRequest.Read(reader, limits),
            LdapOperationTag.CompareResponse => CompareResponse.Read(reader),
            LdapOperationTag.AbandonRequest => AbandonRequest.Read(content),
            LdapOperationTag.ExtendedRequest => ExtendedRequest.Read(reader),
            LdapOperationTag.ExtendedResponse => ExtendedResponse.Read(reader),
            LdapOperationTag.IntermediateResponse => IntermediateResponse.Read(reader),
            _ => throw new LdapProtocolException($"protocolOp: application tag {(int)operation} is unknown"),
        };
    }

    public static void Write(LdapOperation operation, AsnWriter writer)
    {
        switch (operation)
        {
            case BindRequest o: o.Write(writer); break;
            case BindResponse o: o.Write(writer); break;
            case UnbindRequest: UnbindRequest.Write(writer); break;
            case SearchRequest o: o.Write(writer); break;
            case SearchResultEntry o: o.Write(writer); break;
            case SearchResultDone o: LdapResultCodec.WriteOperation(LdapOperationTag.SearchResultDone, o.Result, writer); break;
            case SearchResultReference o: o.Write(writer); break;
            case ModifyRequest o: o.Write(writer); break;
            case ModifyResponse o: LdapResultCodec.WriteOperation(LdapOperationTag.ModifyResponse, o.Result, writer); break;
            case AddRequest o: o.Write(writer); break;
            case AddResponse o: LdapResultCodec.WriteOperation(LdapOperationTag.AddResponse, o.Result, writer); break;
            case DelRequest o: o.Write(writer); break;
            case DelResponse o: LdapResultCodec.WriteOperation(LdapOperationTag.DelResponse, o.Result, writer); break;
            case ModifyDnRequest o: o.Write(writer); break;
            case ModifyDnResponse o: LdapResultCodec.WriteOperation(LdapOperationTag.ModifyDnResponse, o.Result, writer); break;
            case CompareRequest o: o.Write(writer); break;
            case CompareResponse o: LdapResultCodec.WriteOperation(LdapOperationTag.CompareResponse, o.Result, writer); break;
            case AbandonRequest o: o.Write(writer); break;
            case ExtendedRequest o: o.Write(writer); break;
            case ExtendedResponse o: o.Write(writer); break;
            case IntermediateResponse o: o.Write(writer); break;
            default: throw new ArgumentException($"no encoding for {operation.GetType().Name}", nameof(operation));
        }
    }
}
