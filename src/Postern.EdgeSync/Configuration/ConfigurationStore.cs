using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Configuration;

/// <summary>Which of the two directories a store is about.</summary>
public enum ConfigurationPlace
{
    /// <summary>Entries are named by their objects.</summary>
    Organization,

    /// <summary>Entries are named by ids, their names are attributes.</summary>
    Edge,
}

/// <summary>The configuration in one directory: read and changed by name, one change at a time. What a hub's store holds reaches the edges
/// with the next configuration cycle.</summary>
public sealed class ConfigurationStore(IDirectory directory, ConfigurationPlace place) : IDisposable
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> NoValues = new Dictionary<string, IReadOnlyList<string>>();

    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>In the order of their names; also those that cannot be read.</summary>
    /// <exception cref="LdapException">The directory failed.</exception>
    public async Task<IReadOnlyList<ConfigurationItem>> ListAsync(ConfigurationClass kind, CancellationToken cancellationToken = default)
    {
        SearchRequest request = new(BaseOf(kind), SearchScope.SingleLevel, Filter.Equal("objectClass", kind.ObjectClass), ["*"]);
        List<ConfigurationItem> items = [];
        await foreach (LdapEntry entry in directory.SearchAsync(request, cancellationToken))
        {
            string? source = entry.FirstString(PosternAttributes.Source);
            items.Add(ConfigurationEntry.TryRead(kind, entry, out ConfigurationObject? one, out string? error)
                ? new ConfigurationItem(entry.Dn, one.Name, one, null, source)
                : new ConfigurationItem(entry.Dn, ConfigurationEntry.NameOf(kind, entry), null, error, source));
        }

        if (kind.OnlyName is { } only && items.Count == 0 && kind.TryMake(only, out ConfigurationObject? defaults, out _))
        {
            items.Add(new ConfigurationItem("", only, defaults, null, null));
        }

        items.Sort((a, b) => string.Compare(a.Name, b.Name, StringComparison.OrdinalIgnoreCase));
        return items;
    }

    /// <exception cref="ConfigurationException">There is none.</exception>
    public async Task<ConfigurationItem> FindAsync(ConfigurationClass kind, string name, CancellationToken cancellationToken = default) =>
        Pick(kind, await ListAsync(kind, cancellationToken), name);

    /// <exception cref="ConfigurationException">A bad value, or there is one of that name.</exception>
    public async Task<ConfigurationObject> AddAsync(
        ConfigurationClass kind, string name, IReadOnlyDictionary<string, IReadOnlyList<string>> values, CancellationToken cancellationToken = default)
    {
        CheckRequired(kind, values);
        return kind.TryMake(name, out ConfigurationObject? made, out string? error) && kind.TrySet(made, values, out ConfigurationObject? one, out error)
            ? await AddAsync(kind, one, cancellationToken)
            : throw Bad(kind, name, error, "add");
    }

    /// <exception cref="ConfigurationException">There is one of that name.</exception>
    public async Task<ConfigurationObject> AddAsync(ConfigurationClass kind, ConfigurationObject one, CancellationToken cancellationToken = default)
    {
        using Held held = await HoldAsync(cancellationToken);
        IReadOnlyList<ConfigurationItem> others = await ListAsync(kind, cancellationToken);
        if (others.Any(other => other.Dn.Length > 0 && Same(other.Name, one.Name)))
        {
            throw Taken(kind, one.Name);
        }

        CheckOthers(kind, one, others, "add");
        one = FirstIsDefault(one, others);
        List<IUpdateOperation> operations = [.. DefaultMoves(one, others), ToAdd(kind, one)];
        await ApplyAsync(kind, one.Name, operations, cancellationToken);
        return one;
    }

    /// <summary>Changes the fields that are named.</summary>
    /// <param name="newName">Null: the name stays.</param>
    /// <exception cref="ConfigurationException">A bad value, no such object, or another one of the new name.</exception>
    public async Task<ConfigurationObject> SetAsync(
        ConfigurationClass kind, string name, string? newName, IReadOnlyDictionary<string, IReadOnlyList<string>> values, CancellationToken cancellationToken = default)
    {
        using Held held = await HoldAsync(cancellationToken);
        IReadOnlyList<ConfigurationItem> all = await ListAsync(kind, cancellationToken);
        ConfigurationItem item = Pick(kind, all, name);
        ConfigurationObject basis = item.Object ?? throw Bad(kind, name, $"the entry {item.Dn} cannot be read: {item.Fault}");
        ConfigurationObject one = Changed(kind, basis, newName, values);
        if (basis is AcceptedDomain { IsDefault: true } && one is AcceptedDomain { IsDefault: false })
        {
            throw Permanent(kind, $"{basis.Name} is the default domain, and one has to be", "make another one the default: postern domain set NAME --default");
        }

        if (item.Dn.Length == 0)
        {
            await ApplyAsync(kind, name, [ToAdd(kind, one)], cancellationToken);
            return one;
        }

        IReadOnlyList<ConfigurationItem> others = [.. all.Where(other => other != item)];
        if (others.Any(other => Same(other.Name, one.Name)))
        {
            throw Taken(kind, one.Name);
        }

        CheckOthers(kind, one, others);
        List<IUpdateOperation> operations = [.. DefaultMoves(one, others), .. Changes(kind, item.Dn, basis, one)];
        await ApplyAsync(kind, name, operations, cancellationToken);
        return one;
    }

    /// <exception cref="ConfigurationException">No such object, or one that has to stay.</exception>
    public async Task<ConfigurationItem> RemoveAsync(ConfigurationClass kind, string name, CancellationToken cancellationToken = default)
    {
        using Held held = await HoldAsync(cancellationToken);
        ConfigurationItem item = Pick(kind, await ListAsync(kind, cancellationToken), name);
        if (item.Object is AcceptedDomain { IsDefault: true })
        {
            throw Permanent(kind, $"{item.Name} is the default domain and cannot be removed", "make another one the default first: postern domain set NAME --default");
        }

        if (item.Object is RemoteDomain { Name: RemoteDomain.DefaultName } || kind.OnlyName is not null)
        {
            throw Permanent(kind, $"{kind.Noun} {item.Name} is built in and cannot be removed", "change it instead");
        }

        await ApplyAsync(kind, item.Name, [new DelRequest(item.Dn)], cancellationToken);
        return item;
    }

    /// <summary>Makes what is built in, where it is missing: the remote domain <c>*</c>.</summary>
    public async Task EnsureBuiltInAsync(CancellationToken cancellationToken = default)
    {
        ConfigurationClass kind = ConfigurationClasses.RemoteDomain;
        if ((await ListAsync(kind, cancellationToken)).All(item => item.Name != RemoteDomain.DefaultName))
        {
            try
            {
                await AddAsync(kind, RemoteDomain.DefaultName, NoValues, cancellationToken);
            }
            catch (ConfigurationException e) when (e.Fault == ConfigurationFault.Exists)
            {
                // Another hub of the same organization was faster.
            }
        }
    }

    public void Dispose() => _one.Dispose();

    private static ConfigurationObject Changed(ConfigurationClass kind, ConfigurationObject basis, string? newName, IReadOnlyDictionary<string, IReadOnlyList<string>> values)
    {
        ConfigurationObject? one = basis;
        string? error = null;
        if (newName is not null && !kind.CanRename)
        {
            error = $"{kind.OneOf} cannot be renamed; add one of the other name and remove this one";
        }

        return error is null
            && (newName is null || kind.TryRename(basis, newName, out one, out error))
            && kind.TrySet(one, values, out ConfigurationObject? changed, out error)
            ? changed
            : throw Bad(kind, basis.Name, error!);
    }

    /// <summary>The first domain that can be the default is.</summary>
    private static ConfigurationObject FirstIsDefault(ConfigurationObject one, IReadOnlyList<ConfigurationItem> others) =>
        one is AcceptedDomain { IsWildcard: false } domain && !others.Any(other => other.Object is AcceptedDomain { IsDefault: true })
            ? domain with { IsDefault = true }
            : one;

    /// <summary>There is one default domain: whoever was it before is none any more.</summary>
    private static IEnumerable<IUpdateOperation> DefaultMoves(ConfigurationObject one, IReadOnlyList<ConfigurationItem> others) =>
        one is not AcceptedDomain { IsDefault: true }
            ? []
            : others.Where(other => other.Object is AcceptedDomain { IsDefault: true })
                .Select(other => new ModifyRequest(other.Dn, new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.DefaultDomain, "FALSE"))));

    private static void CheckOthers(ConfigurationClass kind, ConfigurationObject one, IReadOnlyList<ConfigurationItem> others, string verb = "set")
    {
        if (one is MessageClassification classification
            && others.FirstOrDefault(other => other.Object is MessageClassification twin && twin.Id == classification.Id) is { } twice)
        {
            throw Bad(kind, one.Name, $"classification {twice.Name} has the id {classification.Id:D} already", verb);
        }
    }

    private static void CheckRequired(ConfigurationClass kind, IReadOnlyDictionary<string, IReadOnlyList<string>> values)
    {
        if (kind.Fields.FirstOrDefault(field => field.Required && !values.ContainsKey(field.Name)) is { } missing)
        {
            throw new ConfigurationException(
                ConfigurationFault.BadValue, "invalidValue", $"{kind.OneOf} needs {missing.Name}", $"give it with {missing.Option}: {missing.Description}");
        }
    }

    private AddRequest ToAdd(ConfigurationClass kind, ConfigurationObject one)
    {
        // No id of a source: the first configuration cycle takes it for what it does not know, and away.
        string cn = place == ConfigurationPlace.Organization ? one.Name : $"local-{Guid.NewGuid():N}";
        return new AddRequest(
            Dn(kind, cn),
            [
                new LdapAttribute("objectClass", kind.ObjectClass),
                new LdapAttribute("cn", cn),
                .. ConfigurationEntry.ToAttributes(kind, one, place == ConfigurationPlace.Edge).Where(attribute => attribute.Values.Count > 0),
            ]);
    }

    /// <summary>Only what changed, so that two changes of different fields do not undo each other.</summary>
    private IEnumerable<IUpdateOperation> Changes(ConfigurationClass kind, string dn, ConfigurationObject before, ConfigurationObject after)
    {
        bool renamed = before.Name != after.Name;
        List<Modification> changes =
        [
            .. kind.Fields.Where(field => !field.Read(before).SequenceEqual(field.Read(after)))
                .Select(field => new Modification(ModificationType.Replace, ConfigurationEntry.ToAttribute(field, after))),
        ];
        if (renamed && place == ConfigurationPlace.Edge)
        {
            changes.Add(new Modification(ModificationType.Replace, new LdapAttribute(kind.NameAttribute, after.Name)));
        }

        if (changes.Count > 0)
        {
            yield return new ModifyRequest(dn, [.. changes]);
        }

        if (renamed && place == ConfigurationPlace.Organization)
        {
            yield return new ModifyDnRequest(dn, $"cn={DistinguishedName.EscapeValue(after.Name)}", DeleteOldRdn: true);
        }
    }

    private async Task ApplyAsync(ConfigurationClass kind, string name, List<IUpdateOperation> operations, CancellationToken cancellationToken)
    {
        if (operations.Count == 0)
        {
            return;
        }

        LdapResult result = (await directory.BatchAsync(operations, cancellationToken)).Result;
        if (result.Code == LdapResultCode.EntryAlreadyExists)
        {
            throw Taken(kind, name);
        }

        result.ThrowIfFailed($"change {kind.Noun} {name}");
    }

    private string BaseOf(ConfigurationClass kind) => place == ConfigurationPlace.Organization ? kind.OrganizationDn : kind.EdgeDn;

    private string Dn(ConfigurationClass kind, string cn) => $"cn={DistinguishedName.EscapeValue(cn)},{BaseOf(kind)}";

    private async Task<Held> HoldAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        return new Held(_one);
    }

    private static ConfigurationItem Pick(ConfigurationClass kind, IReadOnlyList<ConfigurationItem> items, string name)
    {
        // People write domains in many ways.
        string wanted = kind.TryMake(name, out ConfigurationObject? parsed, out _) ? parsed.Name : name.Trim();
        return items.FirstOrDefault(item => Same(item.Name, wanted)) ?? throw new ConfigurationException(
            ConfigurationFault.Missing, kind.MissingCode, $"there is no {kind.Noun} {wanted}", $"`postern {kind.Command} list` shows those that there are");
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static ConfigurationException Taken(ConfigurationClass kind, string name) => new(
        ConfigurationFault.Exists, "alreadyExists", $"there is {kind.OneOf} {name} already", $"change it with `postern {kind.Command} set`, or choose another name");

    private static ConfigurationException Permanent(ConfigurationClass kind, string message, string hint) => new(ConfigurationFault.Permanent, "permanent", message, hint);

    /// <param name="verb">That was given the values.</param>
    private static ConfigurationException Bad(ConfigurationClass kind, string name, string error, string verb = "set") => new(
        ConfigurationFault.BadValue, "invalidValue", $"{kind.Noun} {name}: {error}", $"see `postern {kind.Command} {verb} --help`, and docs/configuration.md for the rules");

    private readonly struct Held(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
