using System.Globalization;
using Postern.Operations.Synchronization;

namespace Postern.Output;

/// <summary>One line on stderr that is written over and over while a cycle runs; nothing at all when stderr is no terminal.</summary>
internal sealed class SyncProgressLine(TextWriter error) : IProgress<SyncProgressView>, IDisposable
{
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private int _shown;

    public void Report(SyncProgressView value)
    {
        if (!_isTerminal)
        {
            return;
        }

        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{value.Name}, {value.Type}: {Words(value.Phase)}, {value.Scanned:N0} read, {value.Sent:N0} sent, {value.Confirmed:N0} confirmed");
        error.Write('\r' + text.PadRight(_shown));
        _shown = text.Length;
    }

    public void Dispose()
    {
        if (_shown > 0)
        {
            error.Write('\r' + new string(' ', _shown) + '\r');
        }
    }

    private static string Words(string phase) => phase switch
    {
        "readingTarget" => "reading the edge",
        "readingSource" => "reading the sources and sending",
        _ => phase,
    };
}
