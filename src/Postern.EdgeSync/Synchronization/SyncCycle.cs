using System.Buffers.Binary;
using System.Globalization;
using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Synchronization;

/// <summary>What a type is made of.</summary>
/// <param name="BaseDn">Where its entries are on the edge.</param>
/// <param name="StateDn">Its synchronization state on the edge.</param>
/// <param name="What">For messages: <c>recipients</c>, <c>accepted domains</c>.</param>
internal sealed record SyncContent(
    string BaseDn, string StateDn, string ObjectClass, string What, IReadOnlyList<(ISource Source, Func<IProjection> Projection)> Sources, DeleteGuard Guard);

/// <summary>
/// One cycle: what the edge holds, then the sources, entry by entry; additions and updates leave while the sources are still being read.
/// Deletions only after every source was read to its end, counted and guarded. The state goes last.
/// </summary>
internal sealed class SyncCycle(IDirectory target, SyncContent content, SyncStart start, BatchLimits limits, Action<SyncCycle, SyncPhase> report)
{
    /// <summary>Source entries between two reports of progress.</summary>
    private const int ReportEvery = 1000;

    private readonly SyncNotes _notes = new();
    private readonly TargetTable _table = new();
    private readonly List<string> _strangers = [];
    private readonly List<(string Source, long Found)> _foundBySource = [];
    private BatchPipeline? _pipeline;
    private bool _stateExists;
    private long _seenDigests;
    private UInt128 _digestSum;

    public long Scanned { get; private set; }

    public long TargetScanned { get; private set; }

    public long DeletesHeld { get; private set; }

    public SyncNotes Notes => _notes;

    public OperationCounts Confirmed => _pipeline?.Confirmed ?? default;

    public long OperationsSent => _pipeline?.OperationsSent ?? 0;

    public long BatchesSent => _pipeline?.BatchesSent ?? 0;

    public long BytesSent => _pipeline?.BytesSent ?? 0;

    /// <returns>Success, Incomplete or HeldByGuard, with the details of the latter two.</returns>
    /// <exception cref="SourceException">A source could not be read to its end; nothing was deleted.</exception>
    /// <exception cref="TargetRefusedException">The edge refused a batch.</exception>
    /// <exception cref="LdapException">The edge refused a search.</exception>
    public async Task<(SyncOutcome Outcome, string Details)> RunAsync(TimeProvider time, string hubName, CancellationToken cancellationToken)
    {
        BatchPipeline pipeline = new(target, limits, _notes.Add);
        _pipeline = pipeline;
        report(this, SyncPhase.ReadingTarget);
        await ReadTargetAsync(cancellationToken);
        report(this, SyncPhase.ReadingSource);
        try
        {
            await SendChangesAsync(pipeline, cancellationToken);
        }
        catch (SourceException)
        {
            // What was read is right: let the edge confirm it, then report the source.
            await pipeline.DrainAsync(cancellationToken);
            throw;
        }

        if (!start.ApproveDeletes && content.Guard.Check(_table, _foundBySource, content.What) is { } held)
        {
            DeletesHeld = _table.Unseen;
            await pipeline.DrainAsync(cancellationToken);
            return (SyncOutcome.HeldByGuard, held);
        }

        report(this, SyncPhase.Deleting);
        await SendDeletesAsync(pipeline, cancellationToken);
        report(this, SyncPhase.Finishing);
        string cookie = string.Create(CultureInfo.InvariantCulture, $"full {_seenDigests} {_digestSum:x32}");
        await pipeline.CompleteAsync(
            SyncStateEntry.ToOperation(content.StateDn, _stateExists, cookie, time.GetUtcNow(), hubName), cancellationToken);
        return pipeline.Refusals == 0
            ? (SyncOutcome.Success, "")
            : (SyncOutcome.Incomplete, $"the edge refused {pipeline.Refusals} of the {content.What}; all others were applied. The first: {pipeline.FirstRefusal}. They are tried again in the next cycle.");
    }

    private async Task ReadTargetAsync(CancellationToken cancellationToken)
    {
        SearchRequest entries = new(
            content.BaseDn,
            SearchScope.SingleLevel,
            Filter.Equal("objectClass", content.ObjectClass),
            ["cn", PosternAttributes.Digest, PosternAttributes.Source]);
        await foreach (LdapEntry entry in target.SearchAsync(entries, cancellationToken))
        {
            TargetScanned++;
            if (entry.Find("cn") is { Values: [{ } cn] } && EntryId.TryParse(cn.Span, out EntryId id))
            {
                // Without a readable digest the entry differs from whatever the source has.
                ReadOnlySpan<byte> digest = entry.Find(PosternAttributes.Digest) is { Values: [{ Length: EntryId.Bytes } octets] } ? octets.Span : default;
                _table.AddHeld(id, digest.IsEmpty ? UInt128.MaxValue : BinaryPrimitives.ReadUInt128BigEndian(digest), entry.Find(PosternAttributes.Source) is { Values: [{ } source, ..] } ? source.Span : default);
            }
            else
            {
                _strangers.Add(entry.Dn);
            }
        }

        SearchRequest state = new(EdgeLayout.Synchronization, SearchScope.SingleLevel, Filter.Equal("objectClass", PosternClasses.SyncState), ["cn"]);
        await foreach (LdapEntry entry in target.SearchAsync(state, cancellationToken))
        {
            _stateExists |= string.Equals(entry.Dn, content.StateDn, StringComparison.OrdinalIgnoreCase);
        }
    }

    private async Task SendChangesAsync(BatchPipeline pipeline, CancellationToken cancellationToken)
    {
        ClaimSet claims = new();
        foreach ((ISource source, Func<IProjection> makeProjection) in content.Sources)
        {
            long before = _seenDigests;
            using IProjection projection = makeProjection();
            await using ISourceReading reading = await source.OpenAsync(null, cancellationToken);
            await foreach (SourceChange change in reading.ReadAsync(cancellationToken))
            {
                if (++Scanned % ReportEvery == 0)
                {
                    report(this, SyncPhase.ReadingSource);
                }

                if (change.Entry is { } entry && Plan(source, new SourceEntry(change.Id, entry), projection, claims) is { } operation)
                {
                    ValueTask sent = pipeline.AddAsync(operation, cancellationToken);
                    if (!sent.IsCompletedSuccessfully)
                    {
                        await sent;
                    }
                }
            }

            _foundBySource.Add((source.Name, _seenDigests - before));
        }
    }

    private IUpdateOperation? Plan(ISource source, in SourceEntry entry, IProjection projection, ClaimSet claims)
    {
        if (projection.Project(entry) != ProjectionVerdict.Projected)
        {
            _notes.Skipped++;
            // Containers and other entries that are no recipients at all are counted, not listed: nobody has to mend them.
            if (projection.Reason.Length > 0)
            {
                Note(source, entry, projection.Reason);
            }

            return null;
        }

        if (projection.Reason.Length > 0)
        {
            Note(source, entry, projection.Reason);
        }

        ProjectedEntry projected = ProjectedEntry.From(entry.Id, source.Name, projection);
        projected.Grant(Array.FindAll(projected.Claims, claim => claims.Add(claim.High)));
        _notes.Conflicts += projected.Lost;
        if (projected.Lost > 0)
        {
            Note(source, entry, $"{projected.Lost} of its addresses belong to entries read before; they were left out");
            if (projected.Granted.IsEmpty)
            {
                _notes.Skipped++;
                return null;
            }
        }

        PlanVerdict plan = _table.Compare(entry.Id, projected.StoredDigest, start.Full);
        if (plan == PlanVerdict.Duplicate)
        {
            _notes.Conflicts++;
            Note(source, entry, $"its id {entry.Id} belongs to an entry read before; it was left out");
            return null;
        }

        _seenDigests++;
        _digestSum = unchecked(_digestSum + projected.StoredDigest);
        return plan switch
        {
            PlanVerdict.Add => projected.ToAdd(),
            PlanVerdict.Update => projected.ToModify(),
            _ => null,
        };
    }

    private void Note(ISource source, in SourceEntry entry, string what)
    {
        if (!_notes.IsFull)
        {
            _notes.Add($"source {source.Name}, {entry.Entry.Dn}: {what}");
        }
    }

    private async Task SendDeletesAsync(BatchPipeline pipeline, CancellationToken cancellationToken)
    {
        foreach (EntryId id in _table.UnseenIds())
        {
            await pipeline.AddAsync(new DelRequest(ProjectedEntry.DnOf(id, content.BaseDn)), cancellationToken);
        }

        foreach (string dn in _strangers)
        {
            await pipeline.AddAsync(new DelRequest(dn), cancellationToken);
        }
    }
}
