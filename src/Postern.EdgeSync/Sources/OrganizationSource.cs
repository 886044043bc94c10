using System.Runtime.CompilerServices;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Sources;

/// <summary>The accepted domains in the organization directory, as a source like any other.</summary>
public sealed class OrganizationSource(IDirectory organization) : ISource
{
    public string Name => "organization";

    public Task<ISourceReading> OpenAsync(SourceCookie? since, CancellationToken cancellationToken) =>
        Task.FromResult<ISourceReading>(new WholeReading(WholeReading.NoFeed, ReadAsync));

    public Task WaitForBellAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async IAsyncEnumerable<SourceChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SearchRequest request = new(
            OrganizationLayout.AcceptedDomains,
            SearchScope.SingleLevel,
            Filter.Equal("objectClass", PosternClasses.AcceptedDomain),
            [PosternAttributes.DomainName, PosternAttributes.DomainType]);
        await using IAsyncEnumerator<LdapEntry> entries = organization.SearchAsync(request, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(entries))
        {
            yield return new SourceChange(EntryId.FromName("acceptedDomains", entries.Current.FirstString(PosternAttributes.DomainName) ?? entries.Current.Dn), entries.Current);
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
