using System.Formats.Asn1;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>Controls and the message of content synchronization, RFC 4533 sections 2.2 to 2.5.</summary>
public static partial class SyncControls
{
    private const string WhatRequest = "sync request control";
    private const string WhatState = "sync state control";
    private const string WhatDone = "sync done control";

    /// <summary>Octets of an entryUUID, most significant first (RFC 4122).</summary>
    internal const int UuidBytes = 16;

    public static LdapControl Create(SyncRequest request, bool critical)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        writer.WriteEnumerated((int)request.Mode);
        WriteCookie(request.Cookie, writer);
        WriteUnlessDefault(request.ReloadHint, @default: false, writer);
        writer.PopSequence();
        return new LdapControl(LdapOids.SyncRequest, critical, writer.Encode());
    }

    /// <exception cref="LdapProtocolException">The value is missing, no syncRequestValue, or of an unknown mode.</exception>
    public static SyncRequest DecodeRequest(LdapControl control)
    {
        BerReader reader = ControlValue.Open(control, LdapOids.SyncRequest, WhatRequest);
        int mode = reader.ReadInteger($"{WhatRequest}: mode", BerTag.Enumerated);
        if (mode is not ((int)SyncMode.RefreshOnly or (int)SyncMode.RefreshAndPersist))
        {
            throw new LdapProtocolException($"{WhatRequest}: mode {mode} is unknown");
        }

        ReadOnlyMemory<byte>? cookie = reader.ReadOptionalOctets($"{WhatRequest}: cookie");
        bool reloadHint = ReadBoolean(ref reader, $"{WhatRequest}: reloadHint", @default: false);
        reader.ExpectEnd(WhatRequest);
        return new SyncRequest((SyncMode)mode, cookie, reloadHint);
    }

    public static LdapControl Create(SyncState state)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        writer.WriteEnumerated((int)state.State);
        WriteUuid(state.EntryUuid, writer);
        WriteCookie(state.Cookie, writer);
        writer.PopSequence();
        return new LdapControl(LdapOids.SyncState, Critical: false, writer.Encode());
    }

    /// <exception cref="LdapProtocolException">The value is missing, no syncStateValue, of an unknown state, or its UUID is no UUID.</exception>
    public static SyncState DecodeState(LdapControl control)
    {
        BerReader reader = ControlValue.Open(control, LdapOids.SyncState, WhatState);
        int state = reader.ReadInteger($"{WhatState}: state", BerTag.Enumerated);
        if (state is < (int)SyncEntryState.Present or > (int)SyncEntryState.Delete)
        {
            throw new LdapProtocolException($"{WhatState}: state {state} is unknown");
        }

        Guid uuid = ReadUuid(ref reader, WhatState);
        ReadOnlyMemory<byte>? cookie = reader.ReadOptionalOctets($"{WhatState}: cookie");
        reader.ExpectEnd(WhatState);
        return new SyncState((SyncEntryState)state, uuid, cookie);
    }

    public static LdapControl Create(SyncDone done)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        WriteCookie(done.Cookie, writer);
        WriteUnlessDefault(done.RefreshDeletes, @default: false, writer);
        writer.PopSequence();
        return new LdapControl(LdapOids.SyncDone, Critical: false, writer.Encode());
    }

    /// <exception cref="LdapProtocolException">The value is missing or no syncDoneValue.</exception>
    public static SyncDone DecodeDone(LdapControl control)
    {
        BerReader reader = ControlValue.Open(control, LdapOids.SyncDone, WhatDone);
        ReadOnlyMemory<byte>? cookie = reader.ReadOptionalOctets($"{WhatDone}: cookie");
        bool refreshDeletes = ReadBoolean(ref reader, $"{WhatDone}: refreshDeletes", @default: false);
        reader.ExpectEnd(WhatDone);
        return new SyncDone(cookie, refreshDeletes);
    }

    internal static void WriteCookie(ReadOnlyMemory<byte>? cookie, AsnWriter writer)
    {
        if (cookie is { } octets)
        {
            writer.WriteOctetString(octets.Span);
        }
    }

    /// <summary>RFC 4511 section 5.1 item 4: a value that is the default is left out.</summary>
    internal static void WriteUnlessDefault(bool value, bool @default, AsnWriter writer)
    {
        if (value != @default)
        {
            writer.WriteFlag(value);
        }
    }

    internal static bool ReadBoolean(ref BerReader reader, string what, bool @default) =>
        reader.NextIs(BerTag.Boolean) ? reader.ReadBoolean(what) : @default;

    internal static void WriteUuid(Guid uuid, AsnWriter writer)
    {
        Span<byte> octets = stackalloc byte[UuidBytes];
        uuid.TryWriteBytes(octets, bigEndian: true, out _);
        writer.WriteOctetString(octets);
    }

    internal static Guid ReadUuid(ref BerReader reader, string what)
    {
        ReadOnlySpan<byte> octets = reader.ReadOctets($"{what}: entryUUID").Span;
        return octets.Length == UuidBytes
            ? new Guid(octets, bigEndian: true)
            : throw new LdapProtocolException($"{what}: an entryUUID of {octets.Length} octets, it has {UuidBytes}");
    }
}
