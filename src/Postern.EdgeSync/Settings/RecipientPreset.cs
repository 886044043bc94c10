namespace Postern.EdgeSync.Settings;

/// <summary>What a recipient is in a well-known kind of directory. docs/recipients.md says where each name comes from.</summary>
/// <param name="Name">As hub.json writes it.</param>
/// <param name="Filter">RFC 4515.</param>
public sealed record RecipientPreset(string Name, string Filter, RecipientMap Map)
{
    /// <summary>ADS_UF_ACCOUNTDISABLE of userAccountControl, [MS-ADTS] section 2.2.16.</summary>
    private const string AccountDisabled = "(userAccountControl:1.2.840.113556.1.4.803:=2)";

    /// <summary>Active Directory with Exchange's schema. What receives mail has proxyAddresses; hidden from address lists or not. Left out are the
    /// mailboxes that Exchange keeps for itself: system attendant, system, arbitration, plan, discovery, monitoring (HealthMailbox), audit log and
    /// auxiliary audit log.</summary>
    public static RecipientPreset Exchange { get; } = new(
        "exchange",
        "(&(|(objectClass=user)(objectClass=group)(objectClass=contact)(objectClass=publicFolder)(objectClass=msExchDynamicDistributionList))"
        + "(proxyAddresses=*)"
        + "(!(|(msExchRecipientTypeDetails=8192)(msExchRecipientTypeDetails=16384)(msExchRecipientTypeDetails=8388608)(msExchRecipientTypeDetails=16777216)"
        + "(msExchRecipientTypeDetails=536870912)(msExchRecipientTypeDetails=549755813888)(msExchRecipientTypeDetails=4398046511104)"
        + "(msExchRecipientTypeDetails=70368744177664))))",
        new RecipientMap
        {
            Addresses = ["proxyAddresses"],
            InternalOnly = "(msExchRequireAuthToSendTo=TRUE)",
            // Shared, room, equipment and linked mailboxes have accounts that are disabled for good and receive mail. So only for accounts of
            // people: user mailbox, legacy mailbox, mail user, disabled user, remote user mailbox, and those without the attribute.
            Disabled = $"(&{AccountDisabled}(|(!(msExchRecipientTypeDetails=*))(msExchRecipientTypeDetails=1)(msExchRecipientTypeDetails=8)"
                + "(msExchRecipientTypeDetails=128)(msExchRecipientTypeDetails=2097152)(msExchRecipientTypeDetails=2147483648)))",
            SafeSenders = "msExchSafeSendersHash",
            SafeRecipients = "msExchSafeRecipientsHash",
            BlockedSenders = "msExchBlockedSendersHash",
            SclDelete = "msExchMessageHygieneSCLDeleteThreshold",
            SclReject = "msExchMessageHygieneSCLRejectThreshold",
            SclQuarantine = "msExchMessageHygieneSCLQuarantineThreshold",
            AntispamBypass = "(msExchMessageHygieneFlags:1.2.840.113556.1.4.803:=1)",
        });

    /// <summary>Active Directory as it is without Exchange, and Samba.</summary>
    public static RecipientPreset ActiveDirectory { get; } = new(
        "activeDirectory",
        "(&(|(objectClass=user)(objectClass=group)(objectClass=contact))(|(proxyAddresses=*)(mail=*)))",
        new RecipientMap { Addresses = ["proxyAddresses", "mail"], Disabled = AccountDisabled });

    /// <summary>OpenLDAP, 389 Directory Server and their like, with the usual mail schemas.</summary>
    public static RecipientPreset OpenLdap { get; } = new(
        "openldap",
        "(|(mail=*)(proxyAddresses=*)(mailAlternateAddress=*)(mailLocalAddress=*)(mailEquivalentAddress=*)(mailAlias=*)(gosaMailAlternateAddress=*))",
        new RecipientMap
        {
            Addresses = ["proxyAddresses", "mail", "mailAlternateAddress", "mailLocalAddress", "mailEquivalentAddress", "mailAlias", "gosaMailAlternateAddress"],
            // Only what makes the mail host inside refuse mail for good: not noaccess (no login), not inactive, hold, overquota (refused for now).
            Disabled = "(|(accountStatus=disabled)(accountStatus=deleted)(mailUserStatus=disabled)(mailUserStatus=deleted)(mailUserStatus=removed)"
                + "(inetMailGroupStatus=disabled)(inetMailGroupStatus=deleted)(mailEnabled=FALSE))",
        });

    public static IReadOnlyList<RecipientPreset> All { get; } = [Exchange, ActiveDirectory, OpenLdap];

    public static RecipientPreset? Find(string name) => All.FirstOrDefault(preset => preset.Name == name);

    public static RecipientPreset DefaultOf(SourceType type) => type == SourceType.ActiveDirectory ? ActiveDirectory : OpenLdap;

    public override string ToString() => Name;
}
