namespace Postern.EdgeSync.Settings;

/// <summary>Reads <c>deleteGuard</c>: what holds for every type, and what overrides it for one.</summary>
internal static class DeleteGuardReader
{
    private const int MostMinimum = 1_000_000_000;

    private static readonly TimeSpan LeastWindow = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MostWindow = TimeSpan.FromDays(7);

    public static (DeleteGuardSettings Recipients, DeleteGuardSettings Configuration) Read(JsonObjectReader root)
    {
        DeleteGuardSettings recipients = new();
        DeleteGuardSettings configuration = DeleteGuardSettings.ForConfiguration;
        if (root.Object("deleteGuard") is not { } reader)
        {
            return (recipients, configuration);
        }

        DeleteGuardSettings all = Read(reader, recipients);
        recipients = ReadType(reader, "recipients", all);
        configuration = ReadType(reader, "configuration", new DeleteGuardSettings
        {
            Share = reader.Has("share") ? all.Share : configuration.Share,
            Minimum = reader.Has("minimum") ? all.Minimum : configuration.Minimum,
            Window = all.Window,
        });
        reader.NoteUnknown();
        return (recipients, configuration);
    }

    private static DeleteGuardSettings ReadType(JsonObjectReader guard, string type, DeleteGuardSettings otherwise)
    {
        if (guard.Object(type) is not { } reader)
        {
            return otherwise;
        }

        DeleteGuardSettings settings = Read(reader, otherwise);
        reader.NoteUnknown();
        return settings;
    }

    private static DeleteGuardSettings Read(JsonObjectReader reader, DeleteGuardSettings otherwise) => new()
    {
        Share = reader.Number("share", otherwise.Share, 0, 1),
        Minimum = reader.Integer("minimum", otherwise.Minimum, 0, MostMinimum),
        Window = reader.Duration("window", otherwise.Window, LeastWindow, MostWindow),
    };
}
