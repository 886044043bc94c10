using Postern.Ldap;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>Attributes of Active Directory that every part of the source knows.</summary>
internal static class ActiveDirectoryNames
{
    public const string ObjectGuid = "objectGUID";
    public const string ObjectClass = "objectClass";
    public const string IsDeletedAttribute = "isDeleted";

    /// <summary>Changes when an object is renamed or moved.</summary>
    public const string Name = "name";

    /// <summary>Classes of objects below which recipients live. A rename or a move of such an object changes the names of all of them, and none of
    /// them is reported.</summary>
    public static IReadOnlyList<string> ContainerClasses { get; } = ["organizationalUnit", "container", "builtinDomain", "organization", "locality"];

    /// <exception cref="LdapProtocolException">It has none, which no object of a naming context lacks.</exception>
    public static EntryId IdOf(LdapEntry entry) => entry.Find(ObjectGuid) is { Values: [{ Length: EntryId.Bytes } value, ..] }
        ? EntryId.FromBytes(value.Span)
        : throw new LdapProtocolException($"{entry.Dn} has no {ObjectGuid}");

    public static bool IsDeleted(LdapEntry entry) => string.Equals(entry.FirstString(IsDeletedAttribute), "TRUE", StringComparison.OrdinalIgnoreCase);

    public static bool IsContainer(LdapEntry entry) =>
        entry.Strings(ObjectClass).Any(name => ContainerClasses.Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>The name that finds an object wherever it is, MS-ADTS section 3.1.1.3.1.2.4.</summary>
    public static string DnOf(EntryId id) => $"<GUID={id}>";
}
