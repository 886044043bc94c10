using System.Runtime.CompilerServices;
using Postern.EdgeSync.Sources;
using Postern.Ldap;

namespace Postern.EdgeSync.Tests.Testbed;

/// <summary>A source made of a list, that may fail after some entries.</summary>
internal sealed class ListSource(string name, params (string Id, string[] Addresses)[] entries) : ISource
{
    public string Name => name;

    /// <summary>Entries after which it fails; null: it does not.</summary>
    public int? FailAfter { get; init; }

    public async IAsyncEnumerable<SourceEntry> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int count = 0;
        foreach ((string id, string[] addresses) in entries)
        {
            await Task.Yield();
            if (count++ == FailAfter)
            {
                throw new SourceException(name, "the line went dead", "Plug it in.");
            }

            yield return new SourceEntry(EntryId.FromName(name, id), new LdapEntry($"cn={id},dc=example", [new LdapAttribute("proxyAddresses", addresses)]));
        }
    }
}
