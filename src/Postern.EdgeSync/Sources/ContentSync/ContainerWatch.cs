using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources.Connecting;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ContentSync;

/// <summary>Which containers lie below the base. One that is moved across its edge takes its entries along, and of those syncprov says nothing
/// when it has a session log: their entryCSN is the old one. Another set of containers means a reading of everything.</summary>
internal sealed class ContainerWatch(FeedContext context, ILogger log)
{
    private const string ObjectClass = "objectClass";

    /// <summary>Of entries below which recipients live.</summary>
    private static readonly HashSet<string> Classes = new(
        ["organizationalUnit", "organization", "locality", "country", "domain", "dcObject", "container", "nsContainer"], StringComparer.OrdinalIgnoreCase);

    private static readonly Filter OfContainers = new OrFilter([.. Classes.Select(name => Filter.Equal(ObjectClass, name))]);

    // To move into an excluded subtree is to leave.
    private readonly ExcludedSubtrees _excluded = new(context.Settings);
    private readonly Lock _gate = new();

    // Grows only: an id too many costs a look at the server.
    private readonly HashSet<EntryId> _known = [];
    private string? _current;
    private long _doubts;
    private bool _refused;

    /// <summary>The recipients, and the containers that they live in.</summary>
    public static SearchRequest WithContainers(SearchRequest recipients) => recipients with
    {
        Filter = new OrFilter([recipients.Filter, OfContainers]),
        Attributes = [.. recipients.Attributes.Append(ObjectClass).Distinct(StringComparer.OrdinalIgnoreCase)],
    };

    /// <summary>Asks for all containers; one small search.</summary>
    /// <exception cref="LdapConnectionException">The connection was lost.</exception>
    public async Task<ContainerSet> ReadAsync(LdapConnection connection, CancellationToken cancellationToken)
    {
        long doubts;
        lock (_gate)
        {
            doubts = _doubts;
        }

        List<(EntryId Id, string Dn)> found = [];
        ContainerSet set = ContainerSet.Unknown;
        try
        {
            SearchRequest request = new(context.Settings.BaseDn!, SearchScope.WholeSubtree, OfContainers, context.Ids.Attributes);
            await foreach (LdapEntry entry in connection.SearchAsync(request, cancellationToken))
            {
                if (context.Ids.TryRead(entry, out EntryId id) && !_excluded.Contains(entry))
                {
                    found.Add((id, entry.Dn));
                }
            }

            set = ContainerSet.Of(found);
        }
        catch (LdapException e) when (e.Code is not (LdapResultCode.Busy or LdapResultCode.Unavailable or LdapResultCode.NoSuchObject))
        {
            if (!_refused)
            {
                _refused = true;
                SourceLog.NoContainers(log, context.Name, e.Message);
            }
        }

        lock (_gate)
        {
            _known.UnionWith(found.Select(one => one.Id));

            // What was told while we asked may be missing in the answer.
            _current = doubts == _doubts ? set.Digest : null;
        }

        return set;
    }

    /// <summary>The digest, by all that the server has pushed since it was read. Null: not known.</summary>
    public string? Current
    {
        get
        {
            lock (_gate)
            {
                return _current;
            }
        }
    }

    /// <summary>The server told of a container: who reads next looks at them all.</summary>
    public void Doubt()
    {
        lock (_gate)
        {
            _doubts++;
            _current = null;
        }
    }

    /// <summary>Whether a message is about a container; of what is gone, only the id says so.</summary>
    public bool IsContainer(EntryId id, LdapEntry? entry)
    {
        lock (_gate)
        {
            if (entry is not null && entry.Strings(ObjectClass).Any(Classes.Contains))
            {
                _known.Add(id);
                return true;
            }

            return _known.Contains(id);
        }
    }
}
