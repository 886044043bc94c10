using System.Runtime.CompilerServices;
using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Sources;

/// <summary>The mail configuration in the organization directory, as a source like any other.</summary>
public sealed class OrganizationSource(IDirectory organization) : ISource
{
    public string Name => "organization";

    public Task<ISourceReading> OpenAsync(SourceCookie? since, CancellationToken cancellationToken) =>
        Task.FromResult<ISourceReading>(new WholeReading(WholeReading.NoFeed, ReadAsync));

    public Task WaitForBellAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async IAsyncEnumerable<SourceChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        EntryIdReader ids = new(Name, [ConfigurationParts.IdAttribute]);
        SearchRequest request = new(
            OrganizationLayout.Configuration,
            SearchScope.WholeSubtree,
            new OrFilter([.. ConfigurationClasses.All.Select(kind => Filter.Equal("objectClass", kind.ObjectClass))]),
            [.. ConfigurationParts.Attributes, .. ids.Attributes]);
        await using IAsyncEnumerator<LdapEntry> entries = organization.SearchAsync(request, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(entries))
        {
            if (ids.TryRead(entries.Current, out EntryId id))
            {
                yield return new SourceChange(id, entries.Current);
            }
        }
    }

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<LdapEntry> entries)
    {
        try
        {
            return await entries.MoveNextAsync();
        }
        catch (LdapException e)
        {
            throw new SourceException(Name, $"organization directory: {e.Message}", "Look into the hub's log.", e);
        }
    }
}
