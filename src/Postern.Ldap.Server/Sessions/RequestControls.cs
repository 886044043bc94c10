namespace Postern.Ldap.Server.Sessions;

// RFC 4370 (refused): nobody acts for another

/// <summary>What becomes of a request's controls, RFC 4511 section 4.1.11: the server obeys its own, the directory gets those it
/// honours, others are ignored, or refuse the request when critical.</summary>
/// <param name="Transaction">Identifier of the transaction that the request belongs to, or null.</param>
internal readonly record struct RequestControls(LdapResult? Refusal, IReadOnlyList<LdapControl> ForDirectory, byte[]? Transaction = null)
{
    private static readonly RequestControls None = new(null, []);

    /// <summary>Refusals name the control.</summary>
    public static RequestControls Of(RequestKind kind, LdapMessage message, IControlledDirectory directory)
    {
        // The criticality of controls on requests without an answer is ignored: RFC 4511 section 4.1.11.
        if (message.Controls.Count == 0 || kind is RequestKind.Unbind or RequestKind.Abandon)
        {
            return None;
        }

        List<LdapControl>? passed = null;
        byte[]? transaction = null;
        HashSet<string> seen = [];
        foreach (LdapControl control in message.Controls)
        {
            if (Own(kind, control) is { } own)
            {
                if (own.Code != LdapResultCode.Success)
                {
                    return new RequestControls(own, []);
                }

                transaction = control.Oid == LdapOids.TransactionSpecification ? control.Value?.ToArray() : transaction;
            }
            else if (GoesToDirectory(kind) && directory.Honours(message.Operation, control.Oid))
            {
                (passed ??= []).Add(control);
            }
            else if (control.Critical)
            {
                return Refuse(LdapResultCode.UnavailableCriticalExtension, $"control {control.Oid} is critical and not known for this operation");
            }
            else
            {
                continue;
            }

            if (!seen.Add(control.Oid))
            {
                return Refuse(LdapResultCode.ProtocolError, $"control {control.Oid} comes twice");
            }
        }

        return new RequestControls(null, passed ?? [], transaction);
    }

    private static bool GoesToDirectory(RequestKind kind) => kind is RequestKind.Search or RequestKind.Compare || IsUpdate(kind);

    private static bool IsUpdate(RequestKind kind) => kind is RequestKind.Add or RequestKind.Modify or RequestKind.Delete or RequestKind.ModifyDn;

    /// <returns>Null when the control is not the server's; success when the request may go on.</returns>
    private static LdapResult? Own(RequestKind kind, LdapControl control)
    {
        switch (control.Oid)
        {
            case LdapOids.DontUseCopy when kind is RequestKind.Search or RequestKind.Compare:
                return DontUseCopy(control);
            case LdapOids.TransactionSpecification when IsUpdate(kind):
                return TransactionSpecification(control);
            case LdapOids.ProxiedAuthorization when !control.Critical:
                // Ignored it would act under the wrong name: RFC 4370 section 3 forbids it to be other than critical.
                return new LdapResult(LdapResultCode.ProtocolError, "control proxied authorization must be critical; it is not offered here");
            default:
                return null;
        }
    }

    /// <summary>RFC 6171 section 2: nothing here is a copy of another server's entry, so there is nothing to do but to check.</summary>
    private static LdapResult DontUseCopy(LdapControl control) => control switch
    {
        { Critical: false } => new LdapResult(LdapResultCode.ProtocolError, "control don't use copy must be critical"),
        { Value: not null } => new LdapResult(LdapResultCode.ProtocolError, "control don't use copy has a value"),
        _ => LdapResult.Success,
    };

    /// <summary>RFC 5805 section 2.2.</summary>
    private static LdapResult TransactionSpecification(LdapControl control) => control switch
    {
        { Critical: false } => new LdapResult(LdapResultCode.ProtocolError, "control transaction specification must be critical"),
        { Value: null } => new LdapResult(LdapResultCode.ProtocolError, "control transaction specification has no identifier"),
        _ => LdapResult.Success,
    };

    private static RequestControls Refuse(LdapResultCode code, string why) => new(new LdapResult(code, why), []);
}
