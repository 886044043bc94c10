using Postern.Ldap;

namespace Postern.Directory.Tests;

/// <summary>Takes what a search pushes.</summary>
internal sealed class Collected : ISearchSink
{
    public List<LdapEntry> Entries { get; } = [];

    public IEnumerable<string> Names => Entries.Select(e => e.Dn);

    public LdapAnswer Answer { get; private set; } = null!;

    public LdapResultCode Code => Answer.Result.Code;

    public static async Task<Collected> SearchAsync(
        IControlledDirectory directory, string filter, IReadOnlyList<LdapControl> controls, string baseDn = "o=edge", SearchScope scope = SearchScope.WholeSubtree,
        int sizeLimit = 0, params string[] attributes)
    {
        Collected collected = new();
        SearchRequest request = new(baseDn, scope, Filter.Parse(filter), attributes) { SizeLimit = sizeLimit };
        collected.Answer = await directory.SearchAsync(request, controls, collected, CancellationToken.None);
        return collected;
    }

    public ValueTask EntryAsync(LdapEntry entry, IReadOnlyList<LdapControl> controls)
    {
        Entries.Add(entry);
        return ValueTask.CompletedTask;
    }

    public ValueTask IntermediateAsync(IntermediateResponse response) => throw new InvalidOperationException("no search does that yet");
}
