namespace Postern.Ldap.Server.Sessions;

/// <summary>Controls that the server can honour, RFC 4511 section 4.1.11. Others are ignored, or refuse the request when critical.</summary>
internal static class CriticalControls
{
    /// <returns>Null, or the refusal that names the control.</returns>
    public static LdapResult? Refusal(RequestKind kind, IReadOnlyList<LdapControl> controls)
    {
        // The criticality of controls on requests without an answer is ignored: RFC 4511 section 4.1.11.
        if (controls.Count == 0 || kind is RequestKind.Unbind or RequestKind.Abandon)
        {
            return null;
        }

        foreach (LdapControl control in controls)
        {
            if (control.Critical && !IsHonoured(kind, control.Oid))
            {
                return new LdapResult(LdapResultCode.UnavailableCriticalExtension, $"control {control.Oid} is critical and not known for this operation");
            }
        }

        return null;
    }

    /// <summary>ManageDsaIT: without referral objects every entry is already treated as it asks.</summary>
    private static bool IsHonoured(RequestKind kind, string oid) => oid == LdapOids.ManageDsaIt
        && kind is RequestKind.Search or RequestKind.Compare or RequestKind.Add or RequestKind.Modify or RequestKind.Delete or RequestKind.ModifyDn;
}
