using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.ActiveDirectory;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Tests.Sources.ActiveDirectory;

/// <summary>An organizational unit that a test fills and changes.</summary>
public sealed class TestUnit(DomainFixture domain, LdapConnection admin, string dn)
{
    public string Dn => dn;

    public string Named(string name) => $"CN={name},{dn}";

    public async Task AddUnitAsync(string unit) =>
        (await admin.AddAsync(new AddRequest(unit, new LdapAttribute("objectClass", "organizationalUnit")))).ThrowIfFailed($"add {unit}");

    /// <summary>A contact with this address.</summary>
    public async Task<EntryId> AddAsync(string name, params string[] addresses) => await AddAtAsync(Named(name), addresses);

    public async Task<EntryId> AddAtAsync(string entry, params string[] addresses)
    {
        AddRequest request = new(entry, new LdapAttribute("objectClass", "contact"), new LdapAttribute("proxyAddresses", addresses));
        (await admin.AddAsync(request)).ThrowIfFailed($"add {entry}");
        return await IdAsync(entry);
    }

    public async Task<EntryId> IdAsync(string entry) =>
        ActiveDirectoryNames.IdOf(await admin.SearchAsync(SearchRequest.ReadEntry(entry, "objectGUID")).SingleAsync());

    public async Task ReplaceAsync(string entry, string attribute, params string[] values)
    {
        ModifyRequest request = new(entry, new Modification(ModificationType.Replace, new LdapAttribute(attribute, values)));
        (await admin.ModifyAsync(request)).ThrowIfFailed($"modify {entry}");
    }

    public async Task MoveAsync(string entry, string newRdn, string? newParent = null) =>
        (await admin.ModifyDnAsync(new ModifyDnRequest(entry, newRdn, true, newParent))).ThrowIfFailed($"move {entry}");

    public async Task DeleteAsync(string entry) => (await admin.DeleteAsync(new DelRequest(entry))).ThrowIfFailed($"delete {entry}");

    /// <summary>Brings a deleted object back, MS-ADTS section 3.1.1.5.3.7 (undelete).</summary>
    public async Task UndeleteAsync(EntryId id, string entry)
    {
        LdapMessage deleted = await admin.SearchAsync(SearchRequest.ReadEntry($"<GUID={id}>", "cn"), [ActiveDirectoryControls.ShowDeleted]).FirstAsync();
        ModifyRequest request = new(
            ((SearchResultEntry)deleted.Operation).Entry.Dn,
            new Modification(ModificationType.Delete, new LdapAttribute("isDeleted")),
            new Modification(ModificationType.Replace, new LdapAttribute("distinguishedName", entry)));
        (await admin.UpdateAsync(request, [ActiveDirectoryControls.ShowDeleted])).Result.ThrowIfFailed($"undelete {entry}");
    }

    internal ActiveDirectorySource Source(Func<SourceSettings, SourceSettings>? change = null, string? account = null)
    {
        SourceSettings settings = domain.Settings(dn, account);
        return new ActiveDirectorySource(change is null ? settings : change(settings), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
    }
}

/// <summary>A reading to its end.</summary>
internal sealed record ReadResult(string WholeBecause, IReadOnlyDictionary<EntryId, LdapEntry?> Entries, SourceCookie? Next)
{
    public bool IsWhole => WholeBecause.Length > 0;

    /// <summary>Of an entry that the reading says is there.</summary>
    public IEnumerable<string> Addresses(EntryId id) => Entries[id]!.Strings("proxyAddresses").Order(StringComparer.Ordinal);

    public static async Task<ReadResult> OfAsync(ISource source, SourceCookie? since)
    {
        await using ISourceReading reading = await source.OpenAsync(since, CancellationToken.None);
        Dictionary<EntryId, LdapEntry?> entries = [];
        await foreach ((EntryId id, LdapEntry? entry) in reading.ReadAsync(CancellationToken.None))
        {
            entries[id] = entry;
        }

        return new ReadResult(reading.WholeBecause, entries, reading.NextCookie);
    }
}
