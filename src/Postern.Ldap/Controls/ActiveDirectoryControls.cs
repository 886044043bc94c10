using System.Formats.Asn1;

namespace Postern.Ldap;

/// <summary>Controls of Active Directory that ask for something and have no answer.</summary>
public static class ActiveDirectoryControls
{
    /// <summary>LDAP_SERVER_NOTIFICATION_OID: the search stays open, and each object in its scope is sent when it has changed. Servers take
    /// no filter but <c>(objectClass=*)</c>, and a subtree only at the root of a naming context.</summary>
    public static LdapControl ChangeNotification { get; } = new(LdapOids.ChangeNotification, Critical: true, null);

    /// <summary>MS-ADTS section 3.1.1.3.4.1.14: deleted objects and tombstones are found as well.</summary>
    public static LdapControl ShowDeleted { get; } = new(LdapOids.ShowDeleted, Critical: true, null);

    /// <summary>MS-ADTS section 3.1.1.3.4.1.26: recycled objects too, which ShowDeleted leaves out.</summary>
    public static LdapControl ShowRecycled { get; } = new(LdapOids.ShowRecycled, Critical: true, null);

    /// <summary>LDAP_SERVER_EXTENDED_DN_OID: names come as <c>&lt;GUID=...&gt;;&lt;SID=...&gt;;DN</c>, with GUIDs as text.</summary>
    public static LdapControl ExtendedDn { get; } = new(LdapOids.ExtendedDn, Critical: true, Choice(1));

    private static byte[] Choice(int option)
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        writer.PushSequence();
        writer.WriteInteger(option);
        writer.PopSequence();
        return writer.Encode();
    }
}
