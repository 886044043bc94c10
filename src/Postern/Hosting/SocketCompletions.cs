namespace Postern.Hosting;

/// <summary>How this process hears from its sockets.</summary>
internal static class SocketCompletions
{
    /// <summary>
    /// From now on what waits for a socket goes on in the thread that learned of it, instead of being handed to a pool thread: a request costs
    /// one wake-up less, which is half of what a synchronous look-up waits for. The runtime then runs one such thread a processor. Nothing that
    /// follows a read may block for long; an edge's slow steps (hashing a chosen password, commits, long searches) run elsewhere.
    /// Before the first socket of the process, and for edges only: a hub computes much between two reads.
    /// </summary>
    /// <remarks>The runtime has no other switch for it; System.Net.Sockets reads it once.</remarks>
    public static void RunInline() => Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
}
