namespace Postern.EdgeSync.Settings;

/// <summary>One thing that is wrong in hub.json.</summary>
/// <param name="Line">From 1; 0 when the fault is the file itself.</param>
/// <param name="Key">Where, e.g. <c>sources[0].baseDn</c>.</param>
/// <param name="Message">What is wrong and what is expected.</param>
public sealed record SettingsFault(int Line, string Key, string Message)
{
    public override string ToString() => Line > 0 ? $"line {Line}, {Key}: {Message}" : $"{Key}: {Message}";
}

/// <summary>Everything that is wrong in a settings file, at once.</summary>
public sealed class HubSettingsException(string fileName, IReadOnlyList<SettingsFault> faults)
    : Exception(string.Join(Environment.NewLine, faults.Select(fault => $"{fileName}: {fault}")))
{
    public string FileName { get; } = fileName;

    public IReadOnlyList<SettingsFault> Faults { get; } = faults;
}
