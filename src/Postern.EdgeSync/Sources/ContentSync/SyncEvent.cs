using Postern.Ldap;

namespace Postern.EdgeSync.Sources.ContentSync;

/// <summary>One message of a content synchronization search (RFC 4533 section 3), with what its controls say.</summary>
internal abstract record SyncEvent
{
    /// <summary>An entry with its state; its attributes are of no meaning where the state is present or delete.</summary>
    public sealed record Changed(EntryId Id, SyncEntryState State, LdapEntry Entry, ReadOnlyMemory<byte>? Cookie) : SyncEvent;

    public sealed record Told(SyncInfo Info) : SyncEvent;

    /// <param name="Done">Null: the server sent no Sync Done control.</param>
    public sealed record Ended(LdapResult Result, SyncDone? Done) : SyncEvent;

    /// <summary>An entry without a Sync State control: the server let the request control fall and runs an ordinary search.</summary>
    public sealed record Uncontrolled : SyncEvent;

    /// <returns>Null for what says nothing here: search references (never followed) and foreign intermediate messages.</returns>
    /// <exception cref="LdapProtocolException">A control or message is not as RFC 4533 has it.</exception>
    public static SyncEvent? Read(LdapMessage message, LdapLimits limits)
    {
        switch (message.Operation)
        {
            case SearchResultEntry found:
                if (Find(message, LdapOids.SyncState) is not { } control)
                {
                    return new Uncontrolled();
                }

                SyncState state = SyncControls.DecodeState(control);
                return new Changed(EntryId.FromGuid(state.EntryUuid), state.State, found.Entry, state.Cookie);
            case IntermediateResponse { Name: LdapOids.SyncInfo } told:
                return new Told(SyncControls.DecodeInfo(told, limits));
            case SearchResultDone done:
                return new Ended(done.Result, Find(message, LdapOids.SyncDone) is { } last ? SyncControls.DecodeDone(last) : null);
            default:
                return null;
        }
    }

    private static LdapControl? Find(LdapMessage message, string oid)
    {
        for (int i = 0; i < message.Controls.Count; i++)
        {
            if (message.Controls[i].Oid == oid)
            {
                return message.Controls[i];
            }
        }

        return null;
    }
}
