using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

// RFC 4373 (complete): incremental style; one transaction a batch

/// <summary>Payloads of the bulk update operations of LBURP, RFC 4373. The framing is an extended operation each.</summary>
public static class Lburp
{
    /// <summary>StartLBURPRequestValue, section 3.1.1: the update style.</summary>
    public static byte[] EncodeStart(string updateStyleOid)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        writer.WriteText(updateStyleOid);
        writer.PopSequence();
        return writer.Encode();
    }

    public static string DecodeStart(ReadOnlyMemory<byte> value)
    {
        BerReader outer = new(value);
        BerReader reader = outer.ReadConstructed(BerTag.Sequence, "StartLBURPRequestValue");
        string style = reader.ReadString("updateStyleOID");
        reader.ExpectEnd("StartLBURPRequestValue");
        ExpectOneValue(outer, "StartLBURPRequestValue");
        return style;
    }

    /// <summary>StartLBURPResponseValue, section 3.2.1: operations per update request that the server takes at most.</summary>
    public static byte[] EncodeMaxOperations(int maxOperations)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.WriteInteger(maxOperations);
        return writer.Encode();
    }

    public static int DecodeMaxOperations(ReadOnlyMemory<byte> value)
    {
        BerReader reader = new(value);
        int maxOperations = reader.ReadInteger("maxOperations");
        ExpectOneValue(reader, "maxOperations");
        return maxOperations >= 0 ? maxOperations : throw new LdapProtocolException($"maxOperations: {maxOperations} is negative");
    }

    /// <summary>EndLBURPRequestValue, section 3.3.1: the sequence number after the last update.</summary>
    public static byte[] EncodeEnd(int sequenceNumber)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        writer.WriteInteger(sequenceNumber);
        writer.PopSequence();
        return writer.Encode();
    }

    public static int DecodeEnd(ReadOnlyMemory<byte> value)
    {
        BerReader outer = new(value);
        BerReader reader = outer.ReadConstructed(BerTag.Sequence, "EndLBURPRequestValue");
        int sequenceNumber = ReadNumber(ref reader, "sequenceNumber");
        reader.ExpectEnd("EndLBURPRequestValue");
        ExpectOneValue(outer, "EndLBURPRequestValue");
        return sequenceNumber;
    }

    /// <summary>LBURPUpdateRequestValue, section 5: sequence number (from 1) and the operations.</summary>
    public static byte[] EncodeUpdate(int sequenceNumber, IReadOnlyList<IUpdateOperation> operations)
    {
        AsnWriter writer = _writer ??= new AsnWriter(AsnEncodingRules.BER, initialCapacity: 128 * 1024);
        try
        {
            writer.PushSequence();
            writer.WriteInteger(sequenceNumber);
            writer.PushSequence();
            foreach (IUpdateOperation operation in operations)
            {
                writer.PushSequence();
                LdapOperationCodec.Write((LdapOperation)operation, writer);
                writer.PopSequence();
            }

            writer.PopSequence();
            writer.PopSequence();
            return writer.Encode();
        }
        finally
        {
            writer.Reset();
        }
    }

    /// <exception cref="LdapProtocolException">Not an update list, or longer than <see cref="LdapLimits.MaxBatchOperations"/>.</exception>
    public static (int SequenceNumber, IReadOnlyList<IUpdateOperation> Operations) DecodeUpdate(ReadOnlyMemory<byte> value, LdapLimits limits)
    {
        BerReader outer = new(value);
        BerReader reader = outer.ReadConstructed(BerTag.Sequence, "LBURPUpdateRequestValue");
        int sequenceNumber = ReadNumber(ref reader, "sequenceNumber");
        BerReader list = reader.ReadConstructed(BerTag.Sequence, "updateOperationList");
        reader.ExpectEnd("LBURPUpdateRequestValue");
        ExpectOneValue(outer, "LBURPUpdateRequestValue");
        List<IUpdateOperation> operations = [];
        while (!list.IsAtEnd)
        {
            if (operations.Count == limits.MaxBatchOperations)
            {
                throw new LdapProtocolException($"updateOperationList: more than {limits.MaxBatchOperations} operations") { IsLimit = true };
            }

            BerReader item = list.ReadConstructed(BerTag.Sequence, "updateOperation");
            byte tag = item.PeekTag();
            LdapOperation operation = LdapOperationCodec.Read(tag, item.ReadElement(tag, "updateOperation"), limits);
            if (!item.IsAtEnd)
            {
                throw new LdapProtocolException("updateOperation: controls on single operations are not supported");
            }

            operations.Add(operation as IUpdateOperation
                ?? throw new LdapProtocolException($"updateOperation: {operation.GetType().Name} is not an update"));
        }

        return (sequenceNumber, operations);
    }

    /// <summary>OperationResults of LBURPUpdateResponseValue, section 6: only what failed, by 1-based position.</summary>
    public static byte[] EncodeFailures(IReadOnlyList<(int OperationNumber, LdapResult Result)> failures)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        foreach ((int number, LdapResult result) in failures)
        {
            writer.PushSequence();
            writer.WriteInteger(number);
            writer.PushSequence();
            LdapResultCodec.Write(result, writer);
            writer.PopSequence();
            writer.PopSequence();
        }

        writer.PopSequence();
        return writer.Encode();
    }

    /// <exception cref="LdapProtocolException">Not a result list, or longer than <see cref="LdapLimits.MaxBatchOperations"/>.</exception>
    public static IReadOnlyList<(int OperationNumber, LdapResult Result)> DecodeFailures(ReadOnlyMemory<byte> value, LdapLimits? limits = null)
    {
        int max = (limits ?? LdapLimits.Default).MaxBatchOperations;
        BerReader outer = new(value);
        BerReader list = outer.ReadConstructed(BerTag.Sequence, "OperationResults");
        ExpectOneValue(outer, "OperationResults");
        List<(int, LdapResult)> failures = [];
        while (!list.IsAtEnd)
        {
            if (failures.Count == max)
            {
                throw new LdapProtocolException($"OperationResults: more than {max}") { IsLimit = true };
            }

            BerReader item = list.ReadConstructed(BerTag.Sequence, "OperationResult");
            int number = ReadNumber(ref item, "operationNumber");
            BerReader result = item.ReadConstructed(BerTag.Sequence, "ldapResult");
            failures.Add((number, LdapResultCodec.Read(ref result)));
            result.ExpectEnd("ldapResult");
            item.ExpectEnd("OperationResult");
        }

        return failures;
    }

    /// <summary>Sequence and operation numbers count from 1.</summary>
    private static int ReadNumber(ref BerReader reader, string what)
    {
        int number = reader.ReadInteger(what);
        return number >= 1 ? number : throw new LdapProtocolException($"{what}: {number} is below 1");
    }

    private static void ExpectOneValue(BerReader outer, string what)
    {
        if (!outer.IsAtEnd)
        {
            throw new LdapProtocolException($"{what}: octets after its end");
        }
    }

    [ThreadStatic]
    private static AsnWriter? _writer;
}
