using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>EndTransactions request, RFC 5805 section 2.3.</summary>
public sealed record TransactionEnd(bool Commit, ReadOnlyMemory<byte> Id);

/// <summary>EndTransactions response, RFC 5805 section 2.4.</summary>
/// <param name="FailedMessageId">messageID of the update that made it fail, or null.</param>
/// <param name="Controls">Response controls of the updates, by messageID.</param>
public sealed record TransactionOutcome(int? FailedMessageId, IReadOnlyList<(int MessageId, IReadOnlyList<LdapControl> Controls)> Controls);

/// <summary>Values of the operations and the control of transactions, RFC 5805. The response to a start is the identifier itself.</summary>
public static class TransactionCodec
{
    private const string WhatSpecification = "transaction specification control";
    private const string WhatEnd = "end transaction request";
    private const string WhatOutcome = "end transaction response";

    /// <summary>Section 2.2: on each update that belongs to the transaction; always critical.</summary>
    public static LdapControl CreateSpecification(ReadOnlyMemory<byte> id) => new(LdapOids.TransactionSpecification, Critical: true, id);

    /// <returns>The transaction's identifier.</returns>
    /// <exception cref="LdapProtocolException">The value is missing.</exception>
    public static ReadOnlyMemory<byte> DecodeSpecification(LdapControl control) =>
        ControlValue.Of(control, LdapOids.TransactionSpecification, WhatSpecification);

    public static byte[] EncodeEnd(TransactionEnd end)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        SyncControls.WriteUnlessDefault(end.Commit, @default: true, writer);
        writer.WriteOctetString(end.Id.Span);
        writer.PopSequence();
        return writer.Encode();
    }

    /// <exception cref="LdapProtocolException">The value is missing or no txnEndReq.</exception>
    public static TransactionEnd DecodeEnd(ReadOnlyMemory<byte>? value)
    {
        BerReader reader = ControlValue.Open(value ?? throw new LdapProtocolException($"{WhatEnd}: its value is missing"), WhatEnd);
        bool commit = SyncControls.ReadBoolean(ref reader, $"{WhatEnd}: commit", @default: true);
        ReadOnlyMemory<byte> id = reader.ReadOctets($"{WhatEnd}: identifier");
        reader.ExpectEnd(WhatEnd);
        return new TransactionEnd(commit, id);
    }

    /// <returns>Null when there is nothing to say: the response then has no value.</returns>
    public static byte[]? EncodeEndResponse(TransactionOutcome outcome)
    {
        if (outcome.FailedMessageId is null && outcome.Controls.Count == 0)
        {
            return null;
        }

        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        if (outcome.FailedMessageId is { } failed)
        {
            writer.WriteInteger(failed);
        }

        if (outcome.Controls.Count > 0)
        {
            writer.PushSequence();
            foreach ((int messageId, IReadOnlyList<LdapControl> controls) in outcome.Controls)
            {
                writer.PushSequence();
                writer.WriteInteger(messageId);
                LdapControlCodec.Write(controls, writer, tag: null);
                writer.PopSequence();
            }

            writer.PopSequence();
        }

        writer.PopSequence();
        return writer.Encode();
    }

    /// <exception cref="LdapProtocolException">No txnEndRes, or of more than <see cref="LdapLimits.MaxBatchOperations"/> updates.</exception>
    public static TransactionOutcome DecodeEndResponse(ReadOnlyMemory<byte>? value, LdapLimits limits)
    {
        List<(int, IReadOnlyList<LdapControl>)> updates = [];
        if (value is not { } octets)
        {
            return new TransactionOutcome(null, updates);
        }

        BerReader reader = ControlValue.Open(octets, WhatOutcome);
        int? failed = reader.NextIs(BerTag.Integer) ? ReadMessageId(ref reader) : null;
        if (reader.NextIs(BerTag.Sequence))
        {
            BerReader list = reader.ReadConstructed(BerTag.Sequence, $"{WhatOutcome}: updatesControls");
            while (!list.IsAtEnd)
            {
                if (updates.Count == limits.MaxBatchOperations)
                {
                    throw new LdapProtocolException($"{WhatOutcome}: more than {limits.MaxBatchOperations} updates");
                }

                BerReader update = list.ReadConstructed(BerTag.Sequence, $"{WhatOutcome}: updateControls");
                int messageId = ReadMessageId(ref update);
                updates.Add((messageId, LdapControlCodec.Read(update.ReadConstructed(BerTag.Sequence, $"{WhatOutcome}: controls"), limits)));
                update.ExpectEnd(WhatOutcome);
            }
        }

        reader.ExpectEnd(WhatOutcome);
        return new TransactionOutcome(failed, updates);
    }

    private static int ReadMessageId(ref BerReader reader)
    {
        int id = reader.ReadInteger($"{WhatOutcome}: messageID");
        return id >= 0 ? id : throw new LdapProtocolException($"{WhatOutcome}: messageID {id} is negative");
    }
}
