using System.Text;

namespace Postern.Ldap.Server.Sessions;

/// <summary>Where a session stands. TLS is no state: it changes nothing but StartTLS, see <see cref="SessionTable.StartTls"/>.</summary>
internal enum SessionState
{
    /// <summary>At the start, after a failed bind, after an anonymous one, and while a bind is being checked.</summary>
    Anonymous,

    Bound,

    /// <summary>Between StartLBURP and EndLBURP, RFC 4373 section 2.</summary>
    BulkUpdate,
}

/// <summary>What the table says about a request. Allowed when <paramref name="Code"/> is success.</summary>
internal readonly record struct SessionRule(LdapResultCode Code, string Message)
{
    public bool IsAllowed => Code == LdapResultCode.Success;

    public LdapResult ToResult() => new(Code, Message);
}

/// <summary>State x request -> allowed, or the refusal with its text. Rights are not here: they are the directory's.</summary>
internal static class SessionTable
{
    private static readonly SessionRule Yes = new(LdapResultCode.Success, "");

    private static readonly SessionRule NotDuringBulk = new(
        LdapResultCode.OperationsError, "a bulk update is under way: send EndLBURP first, or put the change into an LBURPUpdate");

    private static readonly SessionRule BindFirst = new(LdapResultCode.StrongerAuthRequired, "bind first");

    private static readonly SessionRule StartBulkFirst = new(LdapResultCode.OperationsError, "no bulk update is under way: send StartLBURP first");

    private static readonly SessionRule BulkAlready = new(LdapResultCode.OperationsError, "a bulk update is under way already");

    private static readonly SessionRule NotOffered = new(LdapResultCode.ProtocolError, "this extended operation is not offered");

    private static readonly SessionRule OnlyFromServers = new(LdapResultCode.ProtocolError, "a response where a request belongs");

    // The columns are the states in their order: Anonymous, Bound, BulkUpdate.
    private static readonly Dictionary<RequestKind, SessionRule[]> Rows = new()
    {
        [RequestKind.Bind] = [Yes, Yes, Yes], // ends a bulk update: its batches were sent under the old identity
        [RequestKind.Unbind] = [Yes, Yes, Yes],
        [RequestKind.Search] = [Yes, Yes, Yes],
        [RequestKind.Modify] = [Yes, Yes, NotDuringBulk],
        [RequestKind.Add] = [Yes, Yes, NotDuringBulk],
        [RequestKind.Delete] = [Yes, Yes, NotDuringBulk],
        [RequestKind.ModifyDn] = [Yes, Yes, NotDuringBulk],
        [RequestKind.Compare] = [Yes, Yes, Yes],
        [RequestKind.Abandon] = [Yes, Yes, Yes],
        [RequestKind.StartTls] = [Yes, Yes, NotDuringBulk],
        [RequestKind.WhoAmI] = [Yes, Yes, Yes],
        [RequestKind.Cancel] = [Yes, Yes, Yes],
        [RequestKind.StartLburp] = [BindFirst, Yes, BulkAlready],
        [RequestKind.LburpUpdate] = [StartBulkFirst, StartBulkFirst, Yes],
        [RequestKind.EndLburp] = [StartBulkFirst, StartBulkFirst, Yes],
        [RequestKind.PasswordModify] = [BindFirst, Yes, NotDuringBulk],
        [RequestKind.StartTransaction] = [BindFirst, Yes, NotDuringBulk],
        [RequestKind.EndTransaction] = [Yes, Yes, Yes], // without a transaction its identifier is unknown
        [RequestKind.UnknownExtended] = [NotOffered, NotOffered, NotOffered],
        [RequestKind.Response] = [OnlyFromServers, OnlyFromServers, OnlyFromServers],
    };

    public static SessionRule Rule(SessionState state, RequestKind kind) => Rows[kind][(int)state];

    /// <summary>The guard of StartTLS, RFC 4511 section 4.14.1 and 4.14.3.</summary>
    /// <param name="offered">The server has a certificate.</param>
    /// <param name="active">TLS is on already.</param>
    /// <param name="outstanding">Operations in flight.</param>
    /// <param name="moreFollows">Octets behind the request have arrived: they were sent in clear and must not count after the handshake.</param>
    public static SessionRule StartTls(bool offered, bool active, int outstanding, bool moreFollows)
    {
        if (moreFollows)
        {
            return new SessionRule(LdapResultCode.OperationsError, "octets behind StartTLS: nothing may be sent before its answer");
        }

        if (active)
        {
            return new SessionRule(LdapResultCode.OperationsError, "TLS is on already");
        }

        if (!offered)
        {
            return new SessionRule(LdapResultCode.ProtocolError, "StartTLS is not offered: the server has no certificate");
        }

        return outstanding > 0 ? new SessionRule(LdapResultCode.OperationsError, $"StartTLS while {outstanding} operations are outstanding") : Yes;
    }

    /// <summary>The table for people, one line per request.</summary>
    public static string Print()
    {
        StringBuilder text = new();
        text.Append($"{"",-18}").AppendJoin(' ', Enum.GetNames<SessionState>().Select(s => $"{s,-22}")).AppendLine();
        foreach ((RequestKind kind, SessionRule[] rules) in Rows)
        {
            text.Append($"{kind,-18}")
                .AppendJoin(' ', rules.Select(r => $"{(r.IsAllowed ? "yes" : r.Code.ToString()),-22}"))
                .AppendLine();
        }

        return text.ToString();
    }
}
