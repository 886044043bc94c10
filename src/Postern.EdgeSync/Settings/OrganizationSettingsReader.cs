namespace Postern.EdgeSync.Settings;

/// <summary>Reads <c>organization</c>.</summary>
internal static class OrganizationSettingsReader
{
    public static OrganizationSettings? Read(JsonObjectReader root, string folder)
    {
        if (root.Object("organization") is not { } reader)
        {
            return null;
        }

        // Reached as a source is: the same keys mean the same, and the same mistakes are found.
        SourceSettings connection = new()
        {
            Name = "organization",
            Type = SourceType.Ldap,
            Urls = SourceSettingsReader.ReadTexts(reader, "urls", required: true),
            BaseDn = reader.String("baseDn", required: true),
            BindDn = reader.String("bindDn"),
            PasswordFile = SourceSettingsReader.ReadFile(reader, "passwordFile", folder, required: false),
            CaFile = SourceSettingsReader.ReadFile(reader, "caFile", folder, required: false),
            StartTls = reader.Boolean("startTls", false),
        };
        reader.NoteUnknown();
        SourceSettingsReader.CheckAccess(reader, connection);
        return new OrganizationSettings
        {
            Urls = connection.Urls,
            BaseDn = connection.BaseDn ?? "",
            BindDn = connection.BindDn,
            PasswordFile = connection.PasswordFile,
            CaFile = connection.CaFile,
            StartTls = connection.StartTls,
        };
    }
}
