using System.Runtime.CompilerServices;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;

namespace Postern.EdgeSync.Tests.Testbed;

/// <summary>A source made of a list, that may fail after some entries.</summary>
internal sealed class ListSource(string name, params (string Id, string[] Addresses)[] entries) : ISource
{
    public string Name => name;

    /// <summary>Entries after which it fails; null: it does not.</summary>
    public int? FailAfter { get; init; }

    public Task<ISourceReading> OpenAsync(SourceCookie? since, CancellationToken cancellationToken) =>
        Task.FromResult<ISourceReading>(new WholeReading(WholeReading.NoFeed, ReadAsync));

    public Task WaitForBellAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async IAsyncEnumerable<SourceChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int count = 0;
        foreach ((string id, string[] addresses) in entries)
        {
            await Task.Yield();
            if (count++ == FailAfter)
            {
                throw new SourceException(name, "the line went dead", "Plug it in.");
            }

            yield return new SourceChange(EntryId.FromName(name, id), new LdapEntry($"cn={id},dc=example", [new LdapAttribute("proxyAddresses", addresses)]));
        }
    }
}
