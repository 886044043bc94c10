namespace Postern.Ldap;

/// <summary>LDAPMessage, RFC 4511 section 4.1.1.</summary>
/// <param name="MessageId">0 for unsolicited notifications, else 1 to 2^31-1.</param>
public sealed record LdapMessage(int MessageId, LdapOperation Operation, IReadOnlyList<LdapControl> Controls)
{
    public LdapMessage(int messageId, LdapOperation operation)
        : this(messageId, operation, [])
    {
    }
}

/// <summary>Control, RFC 4511 section 4.1.11.</summary>
public sealed record LdapControl(string Oid, bool Critical, ReadOnlyMemory<byte>? Value);

/// <summary>One of the protocolOp choices of RFC 4511 section 4.2 and later; the tag is on <see cref="LdapOperationTag"/>'s page.</summary>
public abstract record LdapOperation;

/// <summary>What a batch may carry: add, modify, delete, modifyDN (RFC 4373 section 5).</summary>
public interface IUpdateOperation
{
    /// <summary>The entry the operation is about.</summary>
    string Dn { get; }
}

/// <summary>Application tags of protocolOp, in the order of RFC 4511 section 4.2 and following.</summary>
public enum LdapOperationTag
{
    BindRequest = 0,
    BindResponse = 1,
    UnbindRequest = 2,
    SearchRequest = 3,
    SearchResultEntry = 4,
    SearchResultDone = 5,
    ModifyRequest = 6,
    ModifyResponse = 7,
    AddRequest = 8,
    AddResponse = 9,
    DelRequest = 10,
    DelResponse = 11,
    ModifyDnRequest = 12,
    ModifyDnResponse = 13,
    CompareRequest = 14,
    CompareResponse = 15,
    AbandonRequest = 16,
    SearchResultReference = 19,
    ExtendedRequest = 23,
    ExtendedResponse = 24,
    IntermediateResponse = 25,
}
