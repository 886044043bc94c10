using Postern.EdgeSync.Records;

namespace Postern.EdgeSync.Settings;

internal static class LogSettingsReader
{
    private const long Megabyte = 1024 * 1024;
    private const int MostMegabytes = 1024 * 1024;
    private static readonly TimeSpan LeastAge = TimeSpan.FromHours(1);
    private static readonly TimeSpan MostAge = TimeSpan.FromDays(3650);

    public static LogSettings Read(JsonObjectReader root, List<SettingsFault> faults)
    {
        LogSettings defaults = new();
        if (root.Member("log") is not { } value)
        {
            return defaults;
        }

        JsonObjectReader reader = new(value, "log", faults);
        RotationLimits limits = new(
            reader.Integer("maxFileMegabytes", (int)(defaults.Limits.MaxFileBytes / Megabyte), 1, MostMegabytes) * Megabyte,
            reader.Integer("maxFolderMegabytes", (int)(defaults.Limits.MaxFolderBytes / Megabyte), 1, MostMegabytes) * Megabyte,
            reader.Duration("maxAge", defaults.Limits.MaxAge, LeastAge, MostAge));
        if (limits.MaxFileBytes > limits.MaxFolderBytes)
        {
            reader.Fault("maxFileMegabytes", $"{limits.MaxFileBytes / Megabyte} is more than maxFolderMegabytes, {limits.MaxFolderBytes / Megabyte}");
        }

        LogSettings settings = new() { Level = Level(reader, defaults.Level), Limits = limits };
        reader.NoteUnknown();
        return settings;
    }

    private static EdgeSyncLogLevel Level(JsonObjectReader reader, EdgeSyncLogLevel otherwise)
    {
        if (reader.String("level") is not { } text)
        {
            return otherwise;
        }

        foreach (EdgeSyncLogLevel level in Enum.GetValues<EdgeSyncLogLevel>())
        {
            if (string.Equals(level.ToString(), text, StringComparison.OrdinalIgnoreCase))
            {
                return level;
            }
        }

        reader.Fault("level", $"\"{text}\" is no level; none, low, medium and high are");
        return otherwise;
    }
}
