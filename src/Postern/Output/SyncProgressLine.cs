using System.Globalization;
using Postern.Operations.Synchronization;

namespace Postern.Output;

/// <summary>How far a running cycle is.</summary>
/// <param name="steps">Where the steps of an import go, a line each; null: nowhere.</param>
internal sealed class SyncProgressLine(TextWriter error, TextWriter? steps = null) : IProgress<SyncProgressView>, IDisposable
{
    private readonly StatusLine _line = new(error);

    public void Report(SyncProgressView value)
    {
        if (value.Step is { } step)
        {
            SubscriptionTables.Step(steps ?? TextWriter.Null, step);
            return;
        }

        _line.Show(string.Create(
            CultureInfo.InvariantCulture,
            $"{value.Name}, {value.Type}: {Words(value.Phase)}, {value.Scanned:N0} read, {value.Sent:N0} sent, {value.Confirmed:N0} confirmed"));
    }

    public void Dispose() => _line.Dispose();

    private static string Words(string phase) => phase switch
    {
        "readingTarget" => "reading the edge",
        "readingSource" => "reading the sources and sending",
        _ => phase,
    };
}
