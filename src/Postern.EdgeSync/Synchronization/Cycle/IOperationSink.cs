using Postern.Ldap;

namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>Where the operations of a cycle go: to the edge, or into a plan.</summary>
internal interface IOperationSink
{
    ValueTask AddAsync(IUpdateOperation operation, CancellationToken cancellationToken);

    /// <summary>Whether so many more, what was not sent yet and the state go in one batch.</summary>
    bool FitsOneBatch(int operations);

    /// <summary>Sends what is left and waits until everything was confirmed.</summary>
    Task DrainAsync(CancellationToken cancellationToken);

    /// <summary>Waits until everything sent was confirmed, then sends what is left together with the state in one batch: the state must
    /// not become durable before what it speaks for.</summary>
    /// <param name="last">Makes the state; called again when the edge refuses an entry of that batch, since the state speaks of refusals.</param>
    Task CompleteAsync(Func<IUpdateOperation> last, CancellationToken cancellationToken);

    /// <summary>Operations refused, with the words for it.</summary>
    IReadOnlyList<(IUpdateOperation Operation, string Reason)> Refused { get; }
}
