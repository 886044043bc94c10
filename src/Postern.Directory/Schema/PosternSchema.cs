using Postern.Ldap;

namespace Postern.Directory;

// RFC 4519 (partial): the types and classes in schema/core.ldif

/// <summary>The schema of the two embedded directories: the standard words, and Postern's own. It is written in the files of
/// <c>schema/</c>, which are part of the program.</summary>
public static class PosternSchema
{
    /// <summary>The arc of Postern's own attribute types (.1) and object classes (.2); schema/postern.ldif says where it comes from.</summary>
    public const string Arc = "2.25.256481978171974681550175430638571322913";

    private static readonly string[] Files = ["system.ldif", "core.ldif", "cosine.ldif", "inetorgperson.ldif", "active-directory.ldif", "postern.ldif"];

    private static readonly DirectorySchema All = SchemaReader.Read(Files.Select(f => ($"schema/{f}", Text(f))));

    /// <summary>o=edge: recipients, accepted domains, synchronization state, accounts, the edge's half of its subscription.</summary>
    public static DirectorySchema Edge => All;

    /// <summary>o=organization: accepted domains and subscriptions.</summary>
    public static DirectorySchema Organization => All;

    private static string Text(string file)
    {
        using StreamReader reader = new(typeof(PosternSchema).Assembly.GetManifestResourceStream($"schema/{file}")!);
        return reader.ReadToEnd();
    }
}
