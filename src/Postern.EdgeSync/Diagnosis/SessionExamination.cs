using System.Globalization;
using Postern.Directory;
using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Diagnosis;

/// <summary>What a hub that has logged on finds at an edge: rights, schema, owner, lease, a write that is rolled back, how synchronization
/// stands. Changes nothing.</summary>
/// <param name="owner">Whose the edge should be; null: the organization directory has no ids.</param>
internal sealed class SessionExamination(string edge, IDirectory connection, EdgeOwner? owner, Func<SyncType, TimeSpan> interval, IReadOnlyList<SyncResult> last, TimeProvider time)
{
    public static readonly string[] Checks = ["rights", "schema", "owner", "lease", "write", "configuration", "recipients"];

    /// <summary>A fence that no edge has: they count up from 0.</summary>
    private const long NoFence = -1;

    /// <summary>Cycles that may be missed before one is called late, and the least time that is. Ours.</summary>
    private const int CyclesMissed = 3;
    private static readonly TimeSpan LeastLate = TimeSpan.FromMinutes(15);

    private static readonly string[] Readable = [EdgeLayout.Recipients, EdgeLayout.Configuration, EdgeLayout.Synchronization, EdgeLayout.Lease];

    private static readonly string[] SchemaAttributes = ["attributeTypes", "objectClasses"];

    private readonly List<Finding> _findings = [];

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        await CheckRightsAsync(cancellationToken);
        await CheckSchemaAsync(cancellationToken);
        await CheckOwnerAsync(cancellationToken);
        await CheckLeaseAsync(cancellationToken);
        await CheckWriteAsync(cancellationToken);
        await CheckTypeAsync(SyncType.Configuration, EdgeLayout.ConfigurationState, cancellationToken);
        await CheckTypeAsync(SyncType.Recipients, EdgeLayout.RecipientsState, cancellationToken);
        return _findings;
    }

    private async Task CheckRightsAsync(CancellationToken cancellationToken)
    {
        foreach (string dn in Readable)
        {
            try
            {
                await ReadAsync(dn, ["1.1"], cancellationToken);
            }
            catch (LdapException e)
            {
                Add(Finding.Failed("rights", edge, e.Code == LdapResultCode.NoSuchObject ? FindingCodes.LayoutMissing : FindingCodes.RightsMissing, $"read {dn}: {e.Message}"));
                return;
            }
        }

        Add(Finding.Good("rights", edge, $"may read {string.Join(", ", Readable)}"));
    }

    /// <summary>By the numbers of Postern's own attributes and classes: the rest is the same everywhere.</summary>
    private async Task CheckSchemaAsync(CancellationToken cancellationToken)
    {
        LdapEntry? subschema = await ReadAsync("cn=subschema", SchemaAttributes, cancellationToken);
        HashSet<string> there = [.. SchemaAttributes.SelectMany(name => subschema?.Strings(name) ?? []).Select(OidOf)];
        string[] missing =
        [
            .. PosternSchema.Edge.Attributes.Where(one => IsOwn(one.Oid) && !there.Contains(one.Oid)).Select(one => one.Name),
            .. PosternSchema.Edge.Classes.Where(one => IsOwn(one.Oid) && !there.Contains(one.Oid)).Select(one => one.Name),
        ];
        Add(missing.Length == 0
            ? Finding.Good("schema", edge, "the edge knows all that this hub sends")
            : Finding.Failed("schema", edge, FindingCodes.SchemaOlder, $"the edge does not know {string.Join(", ", missing)}"));
    }

    private async Task CheckOwnerAsync(CancellationToken cancellationToken)
    {
        LdapEntry? lease = await ReadAsync(EdgeLayout.Lease, [PosternAttributes.Organization, PosternAttributes.Site], cancellationToken);
        if (owner is null || lease?.FirstString(PosternAttributes.Organization) is not { } organization)
        {
            Add(Finding.Skipped("owner", edge, "nothing on the edge says whose it is"));
            return;
        }

        string site = lease.FirstString(PosternAttributes.Site) ?? "";
        bool isOurs = IsSame(organization, owner.Organization.ToString()) && IsSame(site, owner.Site);
        string evidence = $"site {site} of organization {organization}; this hub is of site {owner.Site} of {owner.Organization}";
        Add(isOurs ? Finding.Good("owner", edge, $"site {site} of this organization") : Finding.Failed("owner", edge, FindingCodes.OwnedByAnother, evidence));
    }

    private async Task CheckLeaseAsync(CancellationToken cancellationToken)
    {
        LeaseEntry lease = await LeaseEntry.ReadAsync(connection, cancellationToken);
        DateTimeOffset now = time.GetUtcNow();
        string fence = string.Create(CultureInfo.InvariantCulture, $"fence {lease.Fence}");
        Add(lease.Document switch
        {
            null => Finding.Warning("lease", edge, FindingCodes.NobodySynchronizes, $"nobody has it, {fence}"),
            { LockUntil: { } until } document when until > now => Finding.Good("lease", edge, string.Create(CultureInfo.InvariantCulture, $"lock of {document.Holder} until {until:u}, {fence}")),
            { } document when document.OptionUntil > now => Finding.Good("lease", edge, string.Create(CultureInfo.InvariantCulture, $"option of {document.Holder} until {document.OptionUntil:u}, {fence}")),
            { } document => Finding.Warning("lease", edge, FindingCodes.NobodySynchronizes, string.Create(
                CultureInfo.InvariantCulture, $"{document.Holder} had it until {document.LockUntil ?? document.OptionUntil:u}, {fence}")),
        });
    }

    /// <summary>An entry is added in a batch whose end asks for a fence that cannot be: the edge does all the work, and takes it back.</summary>
    private async Task CheckWriteAsync(CancellationToken cancellationToken)
    {
        string dn = $"cn=probe-{Guid.NewGuid():n},{EdgeLayout.Synchronization}";
        string cn = DistinguishedName.Parse(dn).Rdn.Parts[0].Value;
        BatchResult answer = await connection.BatchAsync(
            [new AddRequest(dn, new LdapAttribute("objectClass", PosternClasses.SyncState), new LdapAttribute("cn", cn)), EdgeLease.ToCheck(NoFence)], cancellationToken);
        LdapResult result = answer.Result;
        if (answer.FailedOperation == 1 && result.Code == LdapResultCode.NoSuchAttribute)
        {
            Add(Finding.Good("write", edge, "an entry was written and rolled back"));
            return;
        }

        FindingCode code = result.Code == LdapResultCode.InsufficientAccessRights ? FindingCodes.RightsMissing : FindingCodes.WriteRefused;
        Add(Finding.Failed("write", edge, code, new LdapException(result, $"operation {answer.FailedOperation + 1} of 2").Message));
    }

    private async Task CheckTypeAsync(SyncType type, string stateDn, CancellationToken cancellationToken)
    {
        string check = type == SyncType.Configuration ? "configuration" : "recipients";
        EdgeState state = await SyncStateEntry.ReadAsync(connection, stateDn, cancellationToken);
        TimeSpan late = TimeSpan.FromTicks(Math.Max(interval(type).Ticks * CyclesMissed, LeastLate.Ticks));
        string failure = last.FirstOrDefault(one => one.Type == type && IsSame(one.Name, edge)) is { Result: SyncOutcome.Incomplete or SyncOutcome.SourceFailed or SyncOutcome.TargetFailed } bad
            ? $"{bad.Result}: {bad.FailureDetails}"
            : "";
        if (state.LastSync is not { } at)
        {
            Add(Finding.Failed(check, edge, FindingCodes.NeverSynchronized, failure.Length > 0 ? failure : "no cycle was complete yet"));
            return;
        }

        string evidence = string.Create(CultureInfo.InvariantCulture, $"last complete at {at:u}, {state.Document.Entries} entries");
        Add(state.Held.Held.Count > 0 ? Finding.Warning(check, edge, FindingCodes.DeletionsHeld, string.Create(
                CultureInfo.InvariantCulture, $"{state.Held.Held.Count} held since {state.Document.Held?.Since:u}: {state.Document.Held?.Reason}"))
            : failure.Length > 0 ? Finding.Failed(check, edge, FindingCodes.CycleFailed, $"{evidence}; {failure}")
            : time.GetUtcNow() - at > late ? Finding.Failed(check, edge, FindingCodes.SynchronizationLate, evidence)
            : Finding.Good(check, edge, evidence));
    }

    private async Task<LdapEntry?> ReadAsync(string dn, string[] attributes, CancellationToken cancellationToken)
    {
        await foreach (LdapEntry entry in connection.SearchAsync(SearchRequest.ReadEntry(dn, attributes), cancellationToken))
        {
            return entry;
        }

        return null;
    }

    private void Add(Finding finding) => _findings.Add(finding);

    private static bool IsOwn(string oid) => oid.StartsWith(PosternSchema.Arc, StringComparison.Ordinal);

    private static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    /// <summary>RFC 4512 section 4.1: a description begins with "( " and the number.</summary>
    private static string OidOf(string description) => description.TrimStart('(', ' ').Split(' ', 2)[0];
}
