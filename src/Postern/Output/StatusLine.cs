namespace Postern.Output;

/// <summary>One line on stderr that is written over and over; nothing at all when stderr is no terminal.</summary>
internal sealed class StatusLine(TextWriter error) : IDisposable
{
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private int _shown;

    public void Show(string text)
    {
        if (_isTerminal)
        {
            error.Write('\r' + text.PadRight(_shown));
            _shown = text.Length;
        }
    }

    public void Dispose()
    {
        if (_shown > 0)
        {
            error.Write('\r' + new string(' ', _shown) + '\r');
            _shown = 0;
        }
    }
}
