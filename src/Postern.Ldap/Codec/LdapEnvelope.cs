namespace Postern.Ldap.Codec;

/// <summary>
/// What is left to say about a message that cannot be decoded. RFC 4511 section 4.1.1 tells two cases apart: a damaged structure ends
/// the session; a request that is well-formed and yet not right gets its answer.
/// </summary>
public static class LdapEnvelope
{
    private const byte Constructed = 0x20;

    /// <param name="message">One whole frame.</param>
    /// <returns>False when lengths do not fit each other anywhere in it, or it has no message id, or its operation is no request.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> message, out int messageId, out LdapOperationTag request)
    {
        messageId = 0;
        request = default;
        if (!IsSound(message.Span))
        {
            return false;
        }

        try
        {
            BerReader outer = new(message);
            BerReader reader = outer.ReadConstructed(BerTag.Sequence, "LDAPMessage");
            messageId = reader.ReadInteger("messageID");
            byte tag = reader.PeekTag();
            request = (LdapOperationTag)(tag & 0x1f);
            return messageId > 0 && IsRequest(tag);
        }
        catch (LdapProtocolException)
        {
            return false;
        }
    }

    private static bool IsRequest(byte tag) => tag is
        0x60 or 0x63 or 0x66 or 0x68 or 0x4a or 0x6c or 0x6e or 0x77 // bind, search, modify, add, delete, modifyDN, compare, extended
        or 0x42 or 0x50; // unbind, abandon

    /// <summary>Every constructed element is filled by its parts exactly, to any depth. Without recursion: the parts of an element that fit
    /// end where it ends, so that one look at the open ends suffices.</summary>
    private static bool IsSound(ReadOnlySpan<byte> data)
    {
        Stack<int> ends = new();
        ends.Push(data.Length);
        int position = 0;
        while (position < data.Length)
        {
            while (position == ends.Peek())
            {
                ends.Pop();
            }

            if (BerHeader.TryRead(data[position..], out byte tag, out int headerLength, out int contentLength) != BerStatus.Ok
                || contentLength > ends.Peek() - position - headerLength)
            {
                return false;
            }

            position += headerLength;
            if ((tag & Constructed) == 0)
            {
                position += contentLength;
            }
            else
            {
                ends.Push(position + contentLength);
            }
        }

        return true;
    }
}
