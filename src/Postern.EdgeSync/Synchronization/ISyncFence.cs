using Postern.Ldap;

namespace Postern.EdgeSync.Synchronization;

/// <summary>Keeps a hub that has lost its lease from writing: each of its batches begins with an operation that the edge refuses once
/// another hub has taken over, and with it the whole batch.</summary>
public interface ISyncFence
{
    /// <summary>Changes nothing while the lease is ours.</summary>
    IUpdateOperation Check();
}

/// <summary>Another hub has taken the lease of the edge: what was sent with the refused batch was not applied, and nothing more is sent.</summary>
public sealed class LeaseLostException(string edge, string message) : Exception(message)
{
    public string Edge { get; } = edge;
}
