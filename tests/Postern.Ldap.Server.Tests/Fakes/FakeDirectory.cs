using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Postern.Ldap.Server.Tests;

/// <summary>Entries in memory, found by base and scope alone. Each operation can be replaced by the test.</summary>
internal sealed class FakeDirectory : IControlledDirectory
{
    private readonly ConcurrentDictionary<string, LdapEntry> _entries = new(StringComparer.OrdinalIgnoreCase);

    public Func<SearchRequest, CancellationToken, IAsyncEnumerable<LdapEntry>>? OnSearch { get; set; }

    public Func<AddRequest, CancellationToken, Task<LdapResult>>? OnAdd { get; set; }

    public Func<IReadOnlyList<IUpdateOperation>, CancellationToken, Task<BatchResult>>? OnBatch { get; set; }

    public ICollection<string> Names => _entries.Keys;

    public FakeDirectory With(params LdapEntry[] entries)
    {
        foreach (LdapEntry entry in entries)
        {
            _entries[entry.Dn] = entry;
        }

        return this;
    }

    public FakeDirectory WithPeople(int count) =>
        With([.. Enumerable.Range(0, count).Select(i => new LdapEntry($"cn=p{i},o=test", [new LdapAttribute("cn", $"p{i}"), new LdapAttribute("objectClass", "person")]))]);

    public IAsyncEnumerable<LdapEntry> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default) =>
        OnSearch?.Invoke(request, cancellationToken) ?? FindAsync(request, cancellationToken);

    public Task<LdapResult> AddAsync(AddRequest request, CancellationToken cancellationToken = default) =>
        OnAdd?.Invoke(request, cancellationToken) ?? Task.FromResult(_entries.TryAdd(request.Dn, new LdapEntry(request.Dn, request.Attributes))
            ? LdapResult.Success
            : new LdapResult(LdapResultCode.EntryAlreadyExists, request.Dn));

    public Task<LdapResult> ModifyAsync(ModifyRequest request, CancellationToken cancellationToken = default) => Task.FromResult(Exists(request.Dn));

    public Task<LdapResult> DeleteAsync(DelRequest request, CancellationToken cancellationToken = default) =>
        Task.FromResult(_entries.TryRemove(request.Dn, out _) ? LdapResult.Success : new LdapResult(LdapResultCode.NoSuchObject));

    public Task<LdapResult> ModifyDnAsync(ModifyDnRequest request, CancellationToken cancellationToken = default) => Task.FromResult(Exists(request.Dn));

    public Task<LdapResult> CompareAsync(CompareRequest request, CancellationToken cancellationToken = default) =>
        Task.FromResult(new LdapResult(_entries.GetValueOrDefault(request.Dn)?.Find(request.Attribute)?.Values.Any(v => v.Span.SequenceEqual(request.Value.Span)) == true
            ? LdapResultCode.CompareTrue
            : LdapResultCode.CompareFalse));

    public async Task<BatchResult> BatchAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken = default)
    {
        if (OnBatch is not null)
        {
            return await OnBatch(operations, cancellationToken);
        }

        for (int i = 0; i < operations.Count; i++)
        {
            LdapResult result = operations[i] switch
            {
                AddRequest add => await AddAsync(add, cancellationToken),
                DelRequest delete => await DeleteAsync(delete, cancellationToken),
                _ => LdapResult.Success,
            };
            if (!result.IsSuccess)
            {
                return new BatchResult(result, i);
            }
        }

        return new BatchResult(LdapResult.Success);
    }

    /// <summary>The controls that came with the last request.</summary>
    public IReadOnlyList<LdapControl>? LastControls { get; private set; }

    /// <summary>Sent with every entry.</summary>
    public IReadOnlyList<LdapControl> EntryControls { get; set; } = [];

    /// <summary>Sent with every answer.</summary>
    public IReadOnlyList<LdapControl> ResponseControls { get; set; } = [];

    /// <summary>Sent before the end of a search.</summary>
    public IntermediateResponse? Info { get; set; }

    public HashSet<string> Honoured { get; } = [LdapOids.ManageDsaIt];

    public bool Honours(LdapOperation operation, string controlOid) => Honoured.Contains(controlOid);

    public async Task<LdapAnswer> SearchAsync(
        SearchRequest request, IReadOnlyList<LdapControl> controls, ISearchSink sink, CancellationToken cancellationToken)
    {
        LastControls = controls;
        int count = 0;
        await foreach (LdapEntry entry in SearchAsync(request, cancellationToken))
        {
            if (request.SizeLimit > 0 && count++ == request.SizeLimit)
            {
                return new LdapAnswer(new LdapResult(LdapResultCode.SizeLimitExceeded));
            }

            await sink.EntryAsync(request.TypesOnly ? WithoutValues(entry) : entry, EntryControls);
        }

        if (Info is not null)
        {
            await sink.IntermediateAsync(Info);
        }

        return new LdapAnswer(LdapResult.Success, ResponseControls);
    }

    public async Task<LdapAnswer> UpdateAsync(IUpdateOperation operation, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken)
    {
        LastControls = controls;
        return new LdapAnswer(
            operation switch
            {
                AddRequest add => await AddAsync(add, cancellationToken),
                ModifyRequest modify => await ModifyAsync(modify, cancellationToken),
                DelRequest delete => await DeleteAsync(delete, cancellationToken),
                ModifyDnRequest modifyDn => await ModifyDnAsync(modifyDn, cancellationToken),
                _ => throw new ArgumentOutOfRangeException(nameof(operation)),
            },
            ResponseControls);
    }

    public async Task<LdapAnswer> CompareAsync(CompareRequest request, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken)
    {
        LastControls = controls;
        return new LdapAnswer(await CompareAsync(request, cancellationToken), ResponseControls);
    }

    public async Task<TransactionAnswer> TransactAsync(IReadOnlyList<ControlledUpdate> updates, CancellationToken cancellationToken)
    {
        BatchResult result = await BatchAsync([.. updates.Select(u => u.Operation)], cancellationToken);
        return new TransactionAnswer(result.Result, result.FailedOperation, [.. updates.Select(u => u.Controls.Count > 0 ? ResponseControls : [])]);
    }

    public Func<ExtendedRequest, string, LdapAnswer>? OnPassword { get; set; }

    public Task<LdapAnswer> ModifyPasswordAsync(ExtendedRequest request, string ownDn, CancellationToken cancellationToken) =>
        Task.FromResult(OnPassword?.Invoke(request, ownDn) ?? LdapAnswer.Success);

    private static LdapEntry WithoutValues(LdapEntry entry) =>
        new(entry.Dn, [.. entry.Attributes.Select(a => new LdapAttribute(a.Description, Array.Empty<ReadOnlyMemory<byte>>()))]);

    private LdapResult Exists(string dn) => _entries.ContainsKey(dn) ? LdapResult.Success : new LdapResult(LdapResultCode.NoSuchObject);

    private async IAsyncEnumerable<LdapEntry> FindAsync(SearchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (LdapEntry entry in _entries.Values.OrderBy(e => e.Dn, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool matches = request.Scope == SearchScope.BaseObject
                ? entry.Dn.Equals(request.BaseDn, StringComparison.OrdinalIgnoreCase)
                : entry.Dn.EndsWith(request.BaseDn, StringComparison.OrdinalIgnoreCase);
            if (matches)
            {
                yield return entry;
            }
        }
    }
}
