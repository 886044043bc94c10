using Postern.Ldap;

namespace Postern.Directory.Updates;

/// <summary>Updates that take effect together or not at all, and the caller who waits for them.</summary>
internal sealed class WriteUnit(IReadOnlyList<PreparedUpdate> updates, CancellationToken cancellationToken)
{
    // Continuations run elsewhere: the writer thread serves everybody and runs nobody's code.
    private readonly TaskCompletionSource<BatchResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<PreparedUpdate> Updates => updates;

    public Task<BatchResult> Task => _done.Task;

    /// <summary>Response controls of each update; null as long as there are none.</summary>
    public IReadOnlyList<LdapControl>[]? Responses { get; private set; }

    public void Respond(int update, IReadOnlyList<LdapControl> controls)
    {
        if (controls.Count > 0)
        {
            (Responses ??= [.. updates.Select(_ => (IReadOnlyList<LdapControl>)[])])[update] = controls;
        }
    }

    /// <summary>What to tell the caller once the commit is on disk.</summary>
    public BatchResult Outcome { get; set; } = new(LdapResult.Success);

    /// <returns>False when the caller gave up before the writer came to it; then nothing is applied.</returns>
    public bool TryStart()
    {
        if (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }

        _done.TrySetCanceled(cancellationToken);
        return false;
    }

    public void Complete() => _done.TrySetResult(Outcome);

    public void Fail(LdapResult result) => _done.TrySetResult(new BatchResult(result, 0));
}
