using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.Transport.Tests;

/// <summary>An edge directory in memory that knows the three searches a lookup makes, and can fail or wait.</summary>
internal sealed class EdgeFake : IDirectory
{
    private readonly ConcurrentDictionary<string, bool> _recipients = new();
    private readonly ConcurrentDictionary<string, (string Type, string? AddressBook)> _domains = new();
    private readonly ConcurrentDictionary<string, bool> _states = new();

    private long _version;

    public AddressHashKey Key { get; } = AddressHashKey.Generate();

    /// <summary>Thrown by the next searches when set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Called before each search with its base.</summary>
    public Func<string, Task>? OnSearch { get; set; }

    /// <summary>What a search asked for, in order.</summary>
    public ConcurrentQueue<SearchRequest> Searches { get; } = new();

    public bool KeepsSearches { get; set; } = true;

    /// <summary>A subscribed edge after its first synchronization.</summary>
    public static EdgeFake Synchronized()
    {
        EdgeFake edge = new();
        edge.Complete();
        edge.AddDomain("example.com", AcceptedDomainType.Authoritative);
        edge.AddDomain("*.example.com", AcceptedDomainType.InternalRelay);
        edge.AddDomain("partner.example", AcceptedDomainType.ExternalRelay);
        edge.AddRecipient("anna@example.com");
        edge.AddRecipient("staff@example.com", internalOnly: true);
        return edge;
    }

    public RecipientLookup Lookup() => new(this, () => Key, () => Volatile.Read(ref _version));

    /// <summary>Grows with every change, after it.</summary>
    public void Commit() => Interlocked.Increment(ref _version);

    public void Complete() => _states[EdgeLayout.RecipientsState] = _states[EdgeLayout.ConfigurationState] = true;

    public void Forget() => Change(_states.Clear);

    public void Forget(string state) => Change(() => _states.TryRemove(state, out _));

    public void AddDomain(string name, AcceptedDomainType type) => AddDomain(name, AcceptedDomain.TypeName(type));

    public void RemoveDomain(string name) => Change(() => _domains.TryRemove(name, out _));

    public void AddDomain(string name, string type) => Change(() => _domains[name] = (type, null));

    public void AddDomain(string name, AcceptedDomainType type, bool addressBook) =>
        Change(() => _domains[name] = (AcceptedDomain.TypeName(type), addressBook ? "TRUE" : "FALSE"));

    /// <summary>Of all domains.</summary>
    public string? SubaddressDelimiter { get; set; }

    private void Change(Action change)
    {
        change();
        Commit();
    }

    public void AddRecipient(string address, bool internalOnly = false)
    {
        Assert.True(MailAddress.TryNormalize(address, out string normalized, out string? error), error);
        _recipients[Convert.ToHexString(AddressHasher.HashOnce(Key, normalized))] = internalOnly;
    }

    public async IAsyncEnumerable<LdapEntry> SearchAsync(SearchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (KeepsSearches)
        {
            Searches.Enqueue(request);
        }

        if (OnSearch is not null)
        {
            await OnSearch(request.BaseDn).WaitAsync(cancellationToken);
        }

        if (Failure is not null)
        {
            throw Failure;
        }

        switch (request.BaseDn)
        {
            case EdgeLayout.Recipients:
                Assert.Equal([PosternAttributes.InternalOnly], request.Attributes);
                EqualityFilter byHash = Assert.IsType<EqualityFilter>(request.Filter);
                Assert.Equal(PosternAttributes.AddressHash, byHash.Attribute);
                if (_recipients.TryGetValue(Convert.ToHexString(byHash.Value.Span), out bool internalOnly))
                {
                    yield return new LdapEntry($"cn=0,{EdgeLayout.Recipients}", internalOnly ? [new LdapAttribute(PosternAttributes.InternalOnly, "TRUE")] : []);
                }

                break;
            case EdgeLayout.AcceptedDomains:
                EqualityFilter byName = Assert.IsType<EqualityFilter>(request.Filter);
                string name = System.Text.Encoding.UTF8.GetString(byName.Value.Span);
                if (_domains.TryGetValue(name, out (string Type, string? AddressBook) domain))
                {
                    yield return new LdapEntry(
                        $"cn=0,{EdgeLayout.AcceptedDomains}",
                        [
                            new LdapAttribute(PosternAttributes.DomainName, name), new LdapAttribute(PosternAttributes.DomainType, domain.Type),
                            .. domain.AddressBook is { } addressBook ? [new LdapAttribute(PosternAttributes.AddressBook, addressBook)] : Array.Empty<LdapAttribute>(),
                            new LdapAttribute(PosternAttributes.SubaddressDelimiter, Values(SubaddressDelimiter)),
                        ]);
                }

                break;
            case EdgeLayout.RecipientsState or EdgeLayout.ConfigurationState:
                yield return _states.ContainsKey(request.BaseDn)
                    ? new LdapEntry(request.BaseDn, [new LdapAttribute(PosternAttributes.LastSync, "20261122100000Z")])
                    : throw new LdapException(LdapResultCode.NoSuchObject, request.BaseDn);
                break;
            default:
                throw new LdapException(LdapResultCode.NoSuchObject, request.BaseDn);
        }
    }

    private static string[] Values(string? value) => value is null ? [] : [value];

    public Task<LdapResult> AddAsync(AddRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<LdapResult> ModifyAsync(ModifyRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<LdapResult> DeleteAsync(DelRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<LdapResult> ModifyDnAsync(ModifyDnRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<LdapResult> CompareAsync(CompareRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<BatchResult> BatchAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
