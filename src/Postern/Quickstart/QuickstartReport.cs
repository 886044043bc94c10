using Postern.Operations.Recipients;
using Postern.Operations.Subscriptions;
using Postern.Operations.Synchronization;

namespace Postern.Quickstart;

/// <summary>What quickstart did, as its one JSON document.</summary>
/// <param name="Data">The folder with everything; gone when quickstart has ended, unless it was given with --data.</param>
/// <param name="Source">Where the recipients came from.</param>
/// <param name="Domains">Accepted domains.</param>
/// <param name="Listeners">Of the edge: ldaps, ldap, socketmap, control.</param>
/// <param name="Cycles">The first synchronization, then the one after the change.</param>
/// <param name="Next">Commands to try while it stays up.</param>
public sealed record QuickstartReport(
    string Data, string Source, IReadOnlyList<string> Domains, IReadOnlyDictionary<string, string> Listeners, SubscriptionView Subscription,
    IReadOnlyList<QuickstartCycle> Cycles, IReadOnlyList<LookupRecipientResult> Lookups, IReadOnlyList<string> Next);

/// <param name="Change">What was changed at the source before it.</param>
public sealed record QuickstartCycle(string Change, IReadOnlyList<SyncCycleResult> Results);
