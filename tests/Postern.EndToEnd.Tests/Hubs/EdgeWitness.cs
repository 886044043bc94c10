using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Postern.EdgeSync;
using Postern.EndToEnd.Tests.Processes;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EndToEnd.Tests.Hubs;

/// <summary>Follows everything that is written on an edge, in the order of the commits (RFC 4533, refreshAndPersist), over a connection of
/// its own.</summary>
internal sealed class EdgeWitness : IAsyncDisposable
{
    private readonly LdapConnection _connection;
    private readonly byte[] _addressKey;
    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<Sight> _sights = [];
    private Task _following = Task.CompletedTask;
    private bool _live;
    private string? _failure;

    private EdgeWitness(LdapConnection connection, byte[] addressKey) => (_connection, _addressKey) = (connection, addressKey);

    /// <summary>What it has seen so far.</summary>
    public IReadOnlyList<Sight> Sights
    {
        get
        {
            lock (_gate)
            {
                return [.. _sights];
            }
        }
    }

    /// <summary>Why it sees no more, or null.</summary>
    public string? Failure => Volatile.Read(ref _failure);

    /// <summary>The lease as it was seen last.</summary>
    public Lease? LastLease => Sights.LastOrDefault(sight => sight.Lease is not null)?.Lease;

    public static async Task<EdgeWitness> AttachAsync(DaemonProcess edge, string address)
    {
        EdgePaths paths = new(edge.DataFolder);
        JsonElement account = await PosternProgram.JsonAsync(0, "directory", "account", "new", "witness", "--role", "operator", "--data", edge.DataFolder);
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(paths.KeysFolder, "edge-cert.crt.pem"));
        LdapConnection connection = await LdapConnection.ConnectAsync(new LdapClientOptions
        {
            Endpoint = new LdapEndpoint(address, edge.LdapsPort, Ldaps: true),
            Trust = new LdapTrust.Pin(SHA256.HashData(certificate.RawData)),
        });
        EdgeWitness witness = new(connection, await File.ReadAllBytesAsync(paths.AddressKeyFile));
        await connection.BindAsync(account.GetProperty("dn").GetString()!, account.GetProperty("password").GetString()!);
        witness._following = witness.FollowAsync();
        await Eventually.TrueAsync(() => Volatile.Read(ref witness._live), () => witness.Failure);
        return witness;
    }

    /// <summary>The edge's form of an address, computed by this test.</summary>
    public string Hash(string address)
    {
        string hash = Convert.ToHexString(HMACSHA256.HashData(_addressKey, Encoding.ASCII.GetBytes(address)));
        _names[hash] = address;
        return hash;
    }

    /// <summary>What keeps the edge from having exactly these recipients, each with its one address; null: nothing.</summary>
    public async Task<string?> DifferenceAsync(IReadOnlyCollection<string> addresses)
    {
        HashSet<string> found = new(StringComparer.Ordinal);
        int entries = 0;
        await foreach (LdapEntry entry in _connection.SearchAsync(
            new SearchRequest(EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Anything, [PosternAttributes.AddressHash])))
        {
            entries++;
            found.UnionWith(Hashes(entry));
        }

        Dictionary<string, string> expected = addresses.ToDictionary(Hash, address => address, StringComparer.Ordinal);
        string[] missing = [.. expected.Where(one => !found.Contains(one.Key)).Select(one => one.Value)];
        string[] more = [.. found.Where(hash => !expected.ContainsKey(hash)).Select(hash => _names.GetValueOrDefault(hash, hash))];
        return entries == expected.Count && found.Count == entries && missing.Length == 0
            ? null
            : $"{entries} recipients with {found.Count} addresses for {expected.Count}; {more.Length} are nobody's: {string.Join(", ", more.Take(3))}; {missing.Length} are missing: {string.Join(", ", missing.Take(3))}";
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _following;
        await _connection.DisposeAsync();
        _end.Dispose();
    }

    private async Task FollowAsync()
    {
        SearchRequest everything = new(EdgeLayout.Suffix, SearchScope.WholeSubtree, Filter.Anything, ["*"]);
        LdapControl follow = SyncControls.Create(new SyncRequest(SyncMode.RefreshAndPersist, null, ReloadHint: false), critical: true);
        try
        {
            await foreach (LdapMessage message in _connection.SearchAsync(everything, [follow], SearchSilence.Allowed, _end.Token))
            {
                switch (message.Operation)
                {
                    case SearchResultEntry found:
                        Note(found.Entry, SyncControls.DecodeState(message.Controls.Single(control => control.Oid == LdapOids.SyncState)).State);
                        break;
                    case IntermediateResponse { Name: LdapOids.SyncInfo } told
                        when SyncControls.DecodeInfo(told, LdapLimits.Default) is SyncRefreshDelete { Done: true } or SyncRefreshPresent { Done: true }:
                        Volatile.Write(ref _live, true);
                        break;
                    case SearchResultDone done:
                        Volatile.Write(ref _failure, $"the edge ended the search: {done.Result.Code} {done.Result.DiagnosticMessage}");
                        break;
                }
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The test ends.
        }
        catch (Exception e) when (e is LdapConnectionException or LdapException or LdapProtocolException)
        {
            Volatile.Write(ref _failure, e.Message);
        }
    }

    private void Note(LdapEntry entry, SyncEntryState state)
    {
        Lease? lease = null;
        if (entry.Find(PosternAttributes.EdgeSyncLease) is { Values: [{ } octets, ..] })
        {
            using JsonDocument document = JsonDocument.Parse(octets.ToArray());
            lease = new Lease(
                long.Parse(entry.FirstString(PosternAttributes.Fence)!, CultureInfo.InvariantCulture), document.RootElement.GetProperty("holder").GetString()!);
        }

        Sight sight = new(entry.Dn, state, lease, entry.FirstString(PosternAttributes.Hub), Hashes(entry));
        lock (_gate)
        {
            _sights.Add(sight);
        }
    }

    private static string[] Hashes(LdapEntry entry) => [.. (entry.Find(PosternAttributes.AddressHash)?.Values ?? []).Select(value => Convert.ToHexString(value.Span))];

    /// <summary>One entry as one commit left it.</summary>
    /// <param name="Hub">Of a synchronization's state: who wrote it.</param>
    /// <param name="Hashes">Of a recipient: its addresses.</param>
    internal sealed record Sight(string Dn, SyncEntryState State, Lease? Lease, string? Hub, IReadOnlyList<string> Hashes);

    internal sealed record Lease(long Fence, string Holder);
}
