using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Synchronization.Cycle;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Synchronization.Planning;

/// <summary>Makes plans in place of cycles, and applies them.</summary>
internal sealed class Planner(PlanStore store, BatchLimits limits, TimeProvider time)
{
    /// <summary>Changes that a result names one by one. Further ones are counted.</summary>
    private const int MostListed = 100_000;

    /// <summary>Runs a cycle that changes nothing.</summary>
    /// <param name="makeCycle">Given where its operations go, who hears of its decisions, and the state to begin with; null: it is read.</param>
    public async Task<PlanResult> PlanAsync(
        LdapConnection connection,
        FencedDirectory edge,
        string name,
        SyncType type,
        bool list,
        Func<IPlanSink, Action<AuditAction, EntryId, string, string>, EdgeState?, SyncCycle> makeCycle,
        CancellationToken cancellationToken)
    {
        string state = type == SyncType.Configuration ? EdgeLayout.ConfigurationState : EdgeLayout.RecipientsState;
        EdgeState before = await SyncStateEntry.ReadAsync(edge, state, cancellationToken);
        EdgeState known = before;
        for (bool again = false; ; again = true)
        {
            string id = PlanStore.NewId();
            List<PlannedChange> changes = [];
            PlanSink sink;
            CycleEnd end;
            SyncCycle cycle;
            PlanHeader? header = null;
            await using (FileStream stream = store.CreateOperations(id))
            using (PlanDecisions decisions = store.CreateDecisions(id))
            {
                void Decided(AuditAction action, EntryId entry, string source, string reason)
                {
                    decisions.Add(action, entry, source, reason);
                    Note(list ? changes : null, action, entry, source, reason);
                }

                try
                {
                    sink = new PlanSink(stream, (updates, cancellation) => connection.TransactAsync(updates, commit: true, cancellation), edge.Check(), limits);
                    cycle = makeCycle(sink, Decided, known);
                    end = await cycle.RunAsync(cancellationToken);
                    if (sink.IsComplete && sink.Counts.Total > 0)
                    {
                        DateTimeOffset now = time.GetUtcNow();
                        header = new PlanHeader(
                            id, name, type, before.Generation, before.Exists, now, now + PlanStore.Lifetime,
                            sink.Counts.Added, sink.Counts.Updated, sink.Counts.Deleted, await sink.DigestAsync(cancellationToken),
                            await decisions.DigestAsync(cancellationToken), sink.Batches);
                    }
                }
                catch
                {
                    store.Delete(id);
                    throw;
                }
            }

            if (header is null || (end.Again is not null && !again))
            {
                store.Delete(id);
                header = null;
            }

            if (end.Again is not null && !again)
            {
                known = before with { Document = before.Document with { WholeBecause = end.Again } };
                continue;
            }

            if (header is not null)
            {
                store.Save(header);
            }

            return new PlanResult(header, end, cycle, sink.Counts, changes);
        }
    }

    /// <summary>Applies a plan, once.</summary>
    /// <param name="begun">Gets what counts the operations, before the first is sent.</param>
    /// <param name="audit">The record of decisions: has all of the plan before the first operation is sent; null: there is none.</param>
    /// <param name="cycle">Names this in the record.</param>
    /// <exception cref="PlanException">The edge is not what it was.</exception>
    public async Task ApplyAsync(PlanHeader plan, FencedDirectory edge, Action<BatchPipeline> begun, AuditLog? audit, string cycle, CancellationToken cancellationToken)
    {
        string state = plan.Type == SyncType.Configuration ? EdgeLayout.ConfigurationState : EdgeLayout.RecipientsState;
        EdgeState now = await SyncStateEntry.ReadAsync(edge, state, cancellationToken);
        if (now.Exists != plan.StateExisted || now.Generation != plan.Generation)
        {
            throw new PlanException(
                $"plan {plan.Id} was made for another state of edge {plan.Edge}: something was synchronized since", "Make a new one with `postern sync start --dry-run`.");
        }

        BatchPipeline pipeline = new(edge, limits);
        begun(pipeline);
        store.Use(plan.Id);
        try
        {
            Record(plan, audit, cycle);
            await SendAsync(plan, pipeline, cancellationToken);
        }
        finally
        {
            store.Delete(plan.Id);
        }
    }

    private void Record(PlanHeader plan, AuditLog? audit, string cycle)
    {
        if (audit is null)
        {
            return;
        }

        string type = CycleRecord.TypeName(plan.Type);
        foreach (PlannedDecision one in store.Decisions(plan))
        {
            audit.Add(plan.Edge, type, one.Action, one.Id, one.Source, cycle, one.Reason);
        }

        audit.Flush();
    }

    private async Task SendAsync(PlanHeader plan, BatchPipeline pipeline, CancellationToken cancellationToken)
    {
        int batch = 0;
        foreach (IReadOnlyList<IUpdateOperation> operations in store.Batches(plan))
        {
            bool last = ++batch == plan.Batches;
            for (int i = 0; i < operations.Count - (last ? 1 : 0); i++)
            {
                await pipeline.AddAsync(operations[i], cancellationToken);
            }

            if (last)
            {
                await pipeline.CompleteAsync(() => State(operations[^1], pipeline.Refused.Count > 0), cancellationToken);
            }
        }
    }

    /// <summary>The state of the plan; it did not know what the edge refuses now.</summary>
    private static IUpdateOperation State(IUpdateOperation planned, bool refused)
    {
        if (!refused)
        {
            return planned;
        }

        LdapAttribute Adapt(LdapAttribute attribute) =>
            attribute.Description == PosternAttributes.Cookie && StateDocument.TryDecode(attribute.Values[0].Span) is { } document
                ? new LdapAttribute(attribute.Description, (document with { WholeBecause = "the edge refused an entry of a plan" }).Encode())
                : attribute;
        return planned switch
        {
            AddRequest add => add with { Attributes = [.. add.Attributes.Select(Adapt)] },
            ModifyRequest modify => modify with { Changes = [.. modify.Changes.Select(change => change with { Attribute = Adapt(change.Attribute) })] },
            _ => planned,
        };
    }

    private static void Note(List<PlannedChange>? changes, AuditAction action, EntryId id, string source, string reason)
    {
        if (changes is { Count: < MostListed })
        {
            changes.Add(new PlannedChange(action, id.ToString(), source, reason));
        }
    }
}

/// <param name="Plan">Null: there is nothing that could be applied.</param>
internal sealed record PlanResult(PlanHeader? Plan, CycleEnd End, SyncCycle Cycle, OperationCounts Counts, IReadOnlyList<PlannedChange> Changes);
