namespace Postern.Ldap.Server.Sessions;

/// <summary>Updates that have been answered and wait for their EndTransaction, RFC 5805 section 3.3. Used by one read loop.</summary>
internal sealed class HeldTransaction(byte[] id, int maxOperations, long maxBytes)
{
    private readonly List<ControlledUpdate> _updates = [];
    private readonly List<int> _messageIds = [];
    private long _bytes;

    public ReadOnlyMemory<byte> Id => id;

    public IReadOnlyList<ControlledUpdate> Updates => _updates;

    /// <summary>Of the updates, in their order.</summary>
    public IReadOnlyList<int> MessageIds => _messageIds;

    public bool Is(ReadOnlyMemory<byte> other) => other.Span.SequenceEqual(id);

    /// <param name="bytes">The message's length in octets: what holding it costs.</param>
    /// <returns>Null when it is held now, else why not.</returns>
    public LdapResult? TryHold(int messageId, ControlledUpdate update, int bytes)
    {
        if (_updates.Count == maxOperations)
        {
            return new LdapResult(LdapResultCode.AdminLimitExceeded, $"a transaction of more than {maxOperations} updates");
        }

        if (_bytes + bytes > maxBytes)
        {
            return new LdapResult(LdapResultCode.AdminLimitExceeded, $"a transaction of more than {maxBytes} octets");
        }

        _updates.Add(update);
        _messageIds.Add(messageId);
        _bytes += bytes;
        return null;
    }
}
