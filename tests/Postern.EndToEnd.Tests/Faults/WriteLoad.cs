using System.Security.Cryptography;
using System.Text;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EndToEnd.Tests.Faults;

/// <summary>
/// One client that adds, modifies, renames and deletes recipients of its own, alone or in LBURP batches, and remembers what was acknowledged
/// and what is still under way. The same seed makes the same updates.
/// </summary>
internal sealed class WriteLoad(int number, int seed)
{
    /// <summary>Batches under way at once, and operations in one.</summary>
    private const int MaxPipelined = 3;
    private const int MaxBatch = 6;

    /// <summary>From here on more is deleted than added.</summary>
    private const int ManyEntries = 60;

    private readonly Random _random = new(seed);
    private readonly Queue<Change[]> _underWay = new();
    private readonly Dictionary<string, string> _acknowledged = new(StringComparer.Ordinal);
    private int _next;

    /// <summary>Prefix of the names of its entries.</summary>
    private string Prefix => $"c{number}-";

    /// <summary>Writes until the connection ends.</summary>
    /// <param name="confirmed">Called with the operations of each answer.</param>
    /// <exception cref="LdapException">The server refused an update: none of these may be.</exception>
    public async Task RunAsync(LdapConnection connection, Action<int> confirmed)
    {
        try
        {
            while (true)
            {
                List<(Change[] Changes, Task<LdapResult> Answer)> sent = Send(connection);
                foreach ((Change[] changes, Task<LdapResult> answer) in sent)
                {
                    (await answer).ThrowIfFailed($"{changes.Length} updates, first {changes[0].Operation}");
                    Apply(_acknowledged, _underWay.Dequeue());
                    confirmed(changes.Length);
                }
            }
        }
        catch (LdapConnectionException)
        {
            // The kill. What is under way may have happened or not, batch by batch in their order.
        }
    }

    /// <summary>Compares with what the directory holds after the crash; from then on that is what was acknowledged.</summary>
    public void AssertAfterCrash(IReadOnlyList<LdapEntry> all)
    {
        Dictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (LdapEntry entry in all)
        {
            string name = entry.FirstString("cn")!;
            if (!name.StartsWith(Prefix, StringComparison.Ordinal))
            {
                continue;
            }

            string version = entry.FirstString(PosternAttributes.Source)!;
            found.Add(name, version);

            // A modify replaces both or none.
            Assert.Equal(Hash(version), entry.Find(PosternAttributes.AddressHash)!.Values.Single().ToArray());
        }

        string before = Print(_acknowledged);
        while (!Same(_acknowledged, found))
        {
            Assert.True(_underWay.Count > 0, $"seed {seed}: neither what was acknowledged, nor with whole batches on top.\nacknowledged: {before}\nfound: {Print(found)}");
            Apply(_acknowledged, _underWay.Dequeue());
        }

        _underWay.Clear();
    }

    private List<(Change[] Changes, Task<LdapResult> Answer)> Send(LdapConnection connection)
    {
        Dictionary<string, string> state = new(_acknowledged, StringComparer.Ordinal);
        List<(Change[], Task<LdapResult>)> sent = [];

        // Single updates wait for their answer: a server may take those of one session in any order.
        bool batches = _random.Next(2) == 0;
        for (int i = batches ? _random.Next(MaxPipelined) + 1 : 1; i > 0; i--)
        {
            Change[] changes = new Change[batches ? _random.Next(MaxBatch) + 1 : 1];
            for (int j = 0; j < changes.Length; j++)
            {
                changes[j] = NextChange(state);
                changes[j].Apply(state);
            }

            _underWay.Enqueue(changes);
            sent.Add((changes, batches ? BatchAsync(connection, changes) : SingleAsync(connection, changes[0].Operation)));
        }

        return sent;
    }

    private Change NextChange(Dictionary<string, string> state)
    {
        string version = $"v{++_next}";
        int kind = _random.Next(state.Count < ManyEntries ? 6 : 12);
        if (state.Count == 0 || kind < 3)
        {
            string name = Prefix + version;
            return new Change(
                new AddRequest(
                    Dn(name), new LdapAttribute("objectClass", PosternClasses.Recipient), new LdapAttribute("cn", name),
                    new LdapAttribute(PosternAttributes.Source, version), new LdapAttribute(PosternAttributes.AddressHash, Hash(version))),
                s => s.Add(name, version));
        }

        string old = state.Keys.Order(StringComparer.Ordinal).ElementAt(_random.Next(state.Count));
        switch (kind)
        {
            case 3:
                return new Change(
                    new ModifyRequest(
                        Dn(old),
                        new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.Source, version)),
                        new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.AddressHash, Hash(version)))),
                    s => s[old] = version);
            case 4:
                string renamed = Prefix + version;
                return new Change(
                    new ModifyDnRequest(Dn(old), $"cn={renamed}", DeleteOldRdn: true, NewSuperior: null),
                    s =>
                    {
                        s.Remove(old, out string? kept);
                        s.Add(renamed, kept!);
                    });
            default:
                return new Change(new DelRequest(Dn(old)), s => s.Remove(old));
        }
    }

    private static async Task<LdapResult> BatchAsync(LdapConnection connection, Change[] changes) =>
        (await connection.BatchAsync([.. changes.Select(change => change.Operation)])).Result;

    private static Task<LdapResult> SingleAsync(LdapConnection connection, IUpdateOperation operation) => operation switch
    {
        AddRequest add => connection.AddAsync(add),
        ModifyRequest modify => connection.ModifyAsync(modify),
        ModifyDnRequest rename => connection.ModifyDnAsync(rename),
        _ => connection.DeleteAsync((DelRequest)operation),
    };

    private static void Apply(Dictionary<string, string> state, Change[] changes)
    {
        foreach (Change change in changes)
        {
            change.Apply(state);
        }
    }

    private static bool Same(Dictionary<string, string> one, Dictionary<string, string> other) =>
        one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out string? version) && version == pair.Value);

    private static string Print(Dictionary<string, string> state) => string.Join(' ', state.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"));

    private static string Dn(string name) => $"cn={name},{EdgeLayout.Recipients}";

    private static byte[] Hash(string version) => SHA256.HashData(Encoding.UTF8.GetBytes(version));

    private sealed record Change(IUpdateOperation Operation, Action<Dictionary<string, string>> Apply);
}
