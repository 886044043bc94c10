using System.Globalization;
using Postern.Directory;

namespace Postern.Output;

/// <summary>How far a backup, a check, an export or an import is.</summary>
internal sealed class MaintenanceLine(TextWriter error) : IProgress<MaintenanceProgress>, IDisposable
{
    private readonly StatusLine _line = new(error);

    public void Report(MaintenanceProgress value) => _line.Show(value switch
    {
        { All: > 0 } => string.Create(CultureInfo.InvariantCulture, $"{value.Step}: {value.Done:N0} of {value.All:N0}"),
        { Done: > 0 } => string.Create(CultureInfo.InvariantCulture, $"{value.Step}: {value.Done:N0}"),
        _ => value.Step,
    });

    public void Dispose() => _line.Dispose();
}
