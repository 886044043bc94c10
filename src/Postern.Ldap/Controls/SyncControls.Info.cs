using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <content>Sync Info message, RFC 4533 section 2.5: an intermediate response.</content>
public static partial class SyncControls
{
    private const string WhatInfo = "sync info message";
    private const int NewCookie = 0;
    private const int RefreshDelete = 1;
    private const int RefreshPresent = 2;
    private const int IdSet = 3;

    public static IntermediateResponse CreateInfo(SyncInfo info)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        switch (info)
        {
            case SyncNewCookie choice: writer.WriteOctetString(choice.Cookie.Span, BerWriter.Context(NewCookie)); break;
            case SyncRefreshDelete choice: WriteRefresh(RefreshDelete, choice.Cookie, choice.Done, writer); break;
            case SyncRefreshPresent choice: WriteRefresh(RefreshPresent, choice.Cookie, choice.Done, writer); break;
            case SyncIdSet choice: WriteIdSet(choice, writer); break;
            default: throw new ArgumentException($"no encoding for {info.GetType().Name}", nameof(info));
        }

        return new IntermediateResponse(LdapOids.SyncInfo, writer.Encode());
    }

    /// <exception cref="LdapProtocolException">The value is missing, no syncInfoValue, or longer than <see cref="LdapLimits.MaxValues"/> UUIDs.</exception>
    public static SyncInfo DecodeInfo(IntermediateResponse response, LdapLimits limits)
    {
        if (response.Name != LdapOids.SyncInfo)
        {
            throw new ArgumentException($"intermediate response {response.Name} is not the {WhatInfo}", nameof(response));
        }

        ReadOnlyMemory<byte> value = response.Value ?? throw new LdapProtocolException($"{WhatInfo}: its value is missing");
        BerReader outer = new(value);
        byte tag = outer.PeekTag();
        if (tag == BerTag.Context(NewCookie))
        {
            ReadOnlyMemory<byte> cookie = outer.ReadOctets($"{WhatInfo}: newcookie", tag);
            ControlValue.ExpectNothing(outer, WhatInfo);
            return new SyncNewCookie(cookie);
        }

        BerReader reader = ControlValue.Open(value, WhatInfo, tag);
        if (tag == BerTag.ContextConstructed(RefreshDelete))
        {
            (ReadOnlyMemory<byte>? cookie, bool done) = ReadRefresh(reader);
            return new SyncRefreshDelete(cookie, done);
        }

        if (tag == BerTag.ContextConstructed(RefreshPresent))
        {
            (ReadOnlyMemory<byte>? cookie, bool done) = ReadRefresh(reader);
            return new SyncRefreshPresent(cookie, done);
        }

        return tag == BerTag.ContextConstructed(IdSet)
            ? ReadIdSet(reader, limits)
            : throw new LdapProtocolException($"{WhatInfo}: tag 0x{tag:x2} is no choice of it");
    }

    private static void WriteRefresh(int choice, ReadOnlyMemory<byte>? cookie, bool done, AsnWriter writer)
    {
        Asn1Tag tag = BerWriter.Context(choice, constructed: true);
        writer.PushSequence(tag);
        WriteCookie(cookie, writer);
        WriteUnlessDefault(done, @default: true, writer);
        writer.PopSequence(tag);
    }

    private static (ReadOnlyMemory<byte>? Cookie, bool Done) ReadRefresh(BerReader reader)
    {
        ReadOnlyMemory<byte>? cookie = reader.ReadOptionalOctets($"{WhatInfo}: cookie");
        bool done = ReadBoolean(ref reader, $"{WhatInfo}: refreshDone", @default: true);
        reader.ExpectEnd(WhatInfo);
        return (cookie, done);
    }

    private static void WriteIdSet(SyncIdSet set, AsnWriter writer)
    {
        Asn1Tag tag = BerWriter.Context(IdSet, constructed: true);
        writer.PushSequence(tag);
        WriteCookie(set.Cookie, writer);
        WriteUnlessDefault(set.RefreshDeletes, @default: false, writer);
        writer.PushSetOf();
        foreach (Guid uuid in set.EntryUuids)
        {
            WriteUuid(uuid, writer);
        }

        writer.PopSetOf();
        writer.PopSequence(tag);
    }

    private static SyncIdSet ReadIdSet(BerReader reader, LdapLimits limits)
    {
        ReadOnlyMemory<byte>? cookie = reader.ReadOptionalOctets($"{WhatInfo}: cookie");
        bool refreshDeletes = ReadBoolean(ref reader, $"{WhatInfo}: refreshDeletes", @default: false);
        BerReader set = reader.ReadConstructed(BerTag.Set, $"{WhatInfo}: syncUUIDs");
        reader.ExpectEnd(WhatInfo);
        List<Guid> uuids = [];
        while (!set.IsAtEnd)
        {
            if (uuids.Count == limits.MaxValues)
            {
                throw new LdapProtocolException($"{WhatInfo}: more than {limits.MaxValues} UUIDs");
            }

            uuids.Add(ReadUuid(ref set, WhatInfo));
        }

        return new SyncIdSet(cookie, refreshDeletes, uuids);
    }
}
