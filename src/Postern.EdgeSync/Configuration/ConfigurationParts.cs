using Postern.EdgeSync.Projection;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Configuration;

/// <summary>The classes of configuration as parts of a cycle: where each stands on an edge.</summary>
internal static class ConfigurationParts
{
    public static IReadOnlyDictionary<ConfigurationClass, SyncPart> All { get; } =
        ConfigurationClasses.All.ToDictionary(kind => kind, kind => new SyncPart(kind.EdgeDn, kind.ObjectClass, kind.Noun + "s"));

    /// <summary>Attributes that a source is asked for: what may leave, and what tells whose they are.</summary>
    public static IReadOnlyList<string> Attributes { get; } =
    [
        .. ConfigurationClasses.All.SelectMany(kind => kind.Fields.Select(field => field.Attribute).Append(kind.NameAttribute))
            .Concat(["objectClass", "cn"]).Distinct(AttributeDescription.Comparer),
    ];

    /// <summary>What an object is known by for life, whatever it is called (RFC 4530).</summary>
    public const string IdAttribute = "entryUUID";

    public static ConfigurationClass? ClassOf(LdapEntry entry) =>
        ConfigurationClasses.All.FirstOrDefault(kind => entry.Strings("objectClass").Contains(kind.ObjectClass, StringComparer.OrdinalIgnoreCase));
}
