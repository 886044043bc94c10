using System.Buffers;
using System.Formats.Asn1;

namespace Postern.Ldap.Codec;

/// <summary>What the head of a buffer holds.</summary>
public enum LdapFrameStatus
{
    /// <summary>A whole message of the given length.</summary>
    Complete,

    /// <summary>The beginning of a message: wait for more.</summary>
    Incomplete,

    /// <summary>Not LDAP, whatever comes next.</summary>
    Invalid,

    /// <summary>A message that announces more octets than the limit allows.</summary>
    TooLarge,
}

/// <summary>LDAPMessage to octets and back, RFC 4511 section 5.</summary>
public static class LdapCodec
{
    /// <summary>The longest header a message can have: identifier, length of length, eight length octets.</summary>
    private const int MaxHeaderBytes = 10;

    /// <summary>Looks for a whole message at the head of <paramref name="buffer"/>. Decides on the announced length at once.</summary>
    public static LdapFrameStatus TryFrame(in ReadOnlySequence<byte> buffer, LdapLimits limits, out int length)
    {
        length = 0;
        Span<byte> head = stackalloc byte[MaxHeaderBytes];
        int available = (int)Math.Min(buffer.Length, MaxHeaderBytes);
        buffer.Slice(0, available).CopyTo(head);
        BerStatus status = BerHeader.TryRead(head[..available], out byte tag, out int headerLength, out int contentLength);
        if (available > 0 && tag != BerTag.Sequence)
        {
            return LdapFrameStatus.Invalid;
        }

        switch (status)
        {
            case BerStatus.Incomplete: return LdapFrameStatus.Incomplete;
            case BerStatus.Invalid: return LdapFrameStatus.Invalid;
            case BerStatus.TooLong: return LdapFrameStatus.TooLarge;
        }

        if (contentLength > limits.MaxMessageBytes - headerLength)
        {
            return LdapFrameStatus.TooLarge;
        }

        length = headerLength + contentLength;
        return buffer.Length >= length ? LdapFrameStatus.Complete : LdapFrameStatus.Incomplete;
    }

    /// <summary>Decodes one whole message. Values are slices of <paramref name="message"/>: it must not be reused afterwards.</summary>
    /// <exception cref="LdapProtocolException">Anything RFC 4511 does not allow, or a limit passed; names the element.</exception>
    public static LdapMessage Decode(ReadOnlyMemory<byte> message, LdapLimits limits)
    {
        BerReader outer = new(message);
        BerReader reader = outer.ReadConstructed(BerTag.Sequence, "LDAPMessage");
        if (!outer.IsAtEnd)
        {
            throw new LdapProtocolException("LDAPMessage: octets after its end");
        }

        int id = reader.ReadInteger("messageID");
        if (id < 0)
        {
            throw new LdapProtocolException($"messageID: {id} is negative");
        }

        byte tag = reader.PeekTag();
        LdapOperation operation = LdapOperationCodec.Read(tag, reader.ReadElement(tag, "protocolOp"), limits);
        IReadOnlyList<LdapControl> controls = [];
        if (reader.NextIs(BerTag.ContextConstructed(0)))
        {
            controls = LdapControlCodec.Read(reader.ReadConstructed(BerTag.ContextConstructed(0), "controls"), limits);
        }

        reader.ExpectEnd("LDAPMessage");
        return new LdapMessage(id, operation, controls);
    }

    /// <summary>Appends the message's encoding to <paramref name="output"/>.</summary>
    public static void Encode(LdapMessage message, IBufferWriter<byte> output)
    {
        if (SearchAnswerEncoder.TryEncode(message, output))
        {
            return;
        }

        AsnWriter writer = _writer ??= new AsnWriter(AsnEncodingRules.BER, initialCapacity: 4096);
        try
        {
            Write(message, writer);
            int length = writer.GetEncodedLength();
            writer.Encode(output.GetSpan(length));
            output.Advance(length);
        }
        finally
        {
            writer.Reset();
        }
    }

    public static byte[] Encode(LdapMessage message)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        Write(message, writer);
        return writer.Encode();
    }

    private static void Write(LdapMessage message, AsnWriter writer)
    {
        writer.PushSequence();
        writer.WriteInteger(message.MessageId);
        LdapOperationCodec.Write(message.Operation, writer);
        if (message.Controls.Count > 0)
        {
            LdapControlCodec.Write(message.Controls, writer, BerWriter.Context(0, constructed: true));
        }

        writer.PopSequence();
    }

    // One writer per thread: its buffer has grown to the size of the messages that this thread writes.
    [ThreadStatic]
    private static AsnWriter? _writer;
}
