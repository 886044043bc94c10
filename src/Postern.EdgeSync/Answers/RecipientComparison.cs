using Postern.EdgeSync.Explanations;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Synchronization.State;

namespace Postern.EdgeSync.Answers;

/// <summary>One address: what the sources have for it, beside what an edge has (-VerifyRecipient, fact sheet 4.6).</summary>
internal sealed class RecipientComparison
{
    private const string What = "recipients";
    private readonly List<OutOfStep> _list = [];
    private readonly List<string> _details = [];
    private PartComparison _part = new(What, PartStatus.Unknown, 0, 0, 0, 0, 0);
    private SyncVerdict _verdict;

    private RecipientComparison()
    {
    }

    /// <param name="why">Of one edge.</param>
    public static RecipientComparison Of(RecipientExplanation why, EdgeState state)
    {
        RecipientComparison comparison = new();
        EdgeExplanation edge = why.Edges[0];
        if (edge.Failure is { } failure)
        {
            comparison._details.Add(failure);
            comparison._verdict = SyncVerdict.Failed;
            return comparison;
        }

        comparison.Compare(why.Sources, edge, state);
        return comparison;
    }

    public SyncTestResult ToResult(SyncTestResult result, int maxReport) => result with
    {
        SyncStatus = _verdict,
        Parts = [_part],
        OutOfSync = [.. _list.Take(maxReport)],
        OutOfSyncCount = _list.Count,
        FailureDetail = string.Join("; ", _details),
    };

    private void Compare(IReadOnlyList<SourceExplanation> sources, EdgeExplanation edge, EdgeState state)
    {
        Dictionary<EntryId, string> recipients = [];
        foreach (SourceExplanation source in sources)
        {
            foreach (ObjectExplanation one in source.Objects)
            {
                if (one.Outcome == ObjectOutcome.Recipient)
                {
                    // Two sources show one id: the first has it.
                    recipients.TryAdd(one.Id!.Value, source.Source);
                }
                else
                {
                    _details.Add($"source {source.Source}: {one.Dn} is no recipient ({one.Outcome}); postern recipient explain tells why");
                }
            }

            if (source.Failure is { } failure)
            {
                _details.Add(failure);
            }
        }

        HashSet<string> contested = [.. state.Document.Contests.Select(contest => contest.Loser)];
        foreach (EdgeEntryExplanation entry in edge.Entries.DistinctBy(entry => entry.Id))
        {
            Count(entry, recipients[entry.Id], contested.Contains(entry.Id.ToString()));
        }

        Count(edge.Owner, recipients, sources, state);
        bool asked = sources.All(source => source.Failure is null);
        bool nobody = asked && edge.Owner is null && sources.All(source => source.Objects.Count == 0);
        if (nobody)
        {
            _details.Add("no source has an object with this address, and the edge does not know it");
        }

        bool outOfStep = _list.Count > 0;
        _part = _part with
        {
            Source = recipients.Count,
            Edge = edge.Entries.DistinctBy(entry => entry.Id).Count(entry => entry.IsPresent) + _part.Extra,
            Status = outOfStep ? PartStatus.NotSynchronized : asked ? PartStatus.Synchronized : PartStatus.Unknown,
        };
        _verdict = outOfStep ? SyncVerdict.Failed : asked && !nobody ? SyncVerdict.Normal : SyncVerdict.Inconclusive;
    }

    private void Count(EdgeEntryExplanation entry, string source, bool isContested)
    {
        if (entry is { IsPresent: true, IsEqual: true })
        {
            if (!entry.HasAddress)
            {
                _details.Add($"{entry.Id} is as its source has it, and this address of it is not replicated (postern recipient explain tells why)");
            }

            return;
        }

        if (isContested)
        {
            _part = _part with { Contested = _part.Contested + 1 };
            _details.Add($"{entry.Id} wants an address that another entry has");
        }
        else if (!entry.IsPresent)
        {
            _part = _part with { Missing = _part.Missing + 1 };
            _list.Add(new OutOfStep(What, entry.Id.ToString(), source, OutOfStepKind.MissingOnEdge));
        }
        else
        {
            _part = _part with { Different = _part.Different + 1 };
            _list.Add(new OutOfStep(What, entry.Id.ToString(), source, OutOfStepKind.DifferentOnEdge));
        }
    }

    /// <summary>Who has the address on the edge, and in no source that could be asked.</summary>
    private void Count(EdgeOwner? owner, Dictionary<EntryId, string> recipients, IReadOnlyList<SourceExplanation> sources, EdgeState state)
    {
        if (owner is null || (EntryId.TryParse(owner.Id.AsSpan(), out EntryId id) && recipients.ContainsKey(id))
            || sources.Any(source => source.Failure is not null && source.Source == owner.Source))
        {
            return;
        }

        bool held = state.Held.Held.ContainsKey(id) || state.Held.Rejected.ContainsKey(id);
        _part = _part with { Extra = 1, Held = held ? 1 : 0 };
        _list.Add(new OutOfStep(What, owner.Id, owner.Source ?? "", OutOfStepKind.OnlyOnEdge));
        if (held)
        {
            _details.Add($"what {owner.Id} would lose is held or was rejected (postern sync held)");
        }
    }
}
