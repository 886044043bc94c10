using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization.Cycle;
using Postern.EdgeSync.Synchronization.Planning;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Synchronization;

/// <summary>The one map from what went wrong to what a result says: what failed, on which object, what to do.</summary>
internal static class SyncFailures
{
    /// <param name="connected">Whether there was a session with the edge.</param>
    public static (SyncOutcome Outcome, string Details) Explain(Exception failure, string edge, bool connected, CancellationToken cancellationToken) => failure switch
    {
        OperationCanceledException when cancellationToken.IsCancellationRequested => (SyncOutcome.Canceled, "canceled; the next cycle goes on from here"),
        LeaseLostException e => (SyncOutcome.LeaseLost, $"{e.Message}. What was confirmed before stays; the next cycle begins anew."),
        PlanException e => (SyncOutcome.TargetFailed, $"{e.Message}. {e.Hint}"),
        SourceException e => (SyncOutcome.SourceFailed, $"{e.Message}. Nothing was deleted on the edge. {e.Hint}"),
        SubscriptionException { InnerException: LdapException { Code: LdapResultCode.InvalidCredentials } } e => (SyncOutcome.InvalidCredentials, $"{e.Message}. {e.Hint}"),
        SubscriptionException e => (SyncOutcome.CouldNotConnect, $"{e.Message}. {e.Hint}"),
        LdapConnectionException e when !connected => (SyncOutcome.CouldNotConnect, $"edge {edge}: {e.Message}. {e.Hint}"),
        LdapConnectionException e => (SyncOutcome.TargetFailed, $"edge {edge}: {e.Message}. What it confirmed stays; the next cycle goes on from there. {e.Hint}"),
        StateChangedException e => (SyncOutcome.TargetFailed, $"edge {edge}: its state was changed by somebody else: {e.Message}. The next cycle reads it anew."),
        TargetRefusedException e => (SyncOutcome.TargetFailed, $"edge {edge}: {e.Message}. {Hint(e.Result.Code)}"),
        LdapException e => (SyncOutcome.TargetFailed, $"edge {edge}: {e.Message}. {Hint(e.Code)}"),
        _ => (SyncOutcome.TargetFailed, $"edge {edge}: unexpected: {failure.GetType().Name}: {failure.Message}. The hub's log has more."),
    };

    private static string Hint(LdapResultCode code) => code switch
    {
        LdapResultCode.InsufficientAccessRights => "The subscription is not valid on the edge any more: make a new file there with 'postern subscription new --force' and import it.",
        LdapResultCode.NoSuchObject => "The edge's directory lacks its fixed entries: restart the edge, which makes them.",
        LdapResultCode.Busy or LdapResultCode.Unavailable => "The edge is overloaded or stopping; the next cycle tries again.",
        LdapResultCode.AdminLimitExceeded or LdapResultCode.UnwillingToPerform or LdapResultCode.Other or LdapResultCode.OperationsError =>
            "Look into the edge's log; a full disk is the usual reason.",
        _ => "Look into the edge's log.",
    };
}
