using System.Security.Cryptography;
using System.Text;
using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Sources.Organization;

/// <summary>The mail configuration in the organization directory as a source: a few hundred entries that an administrator wrote. It is read as a
/// whole and compared here: its cookie is a digest of what it holds.</summary>
/// <param name="nextChange">Ends when the directory may have changed; null: nobody can tell, and there is no bell.</param>
public sealed class OrganizationSource(IDirectory organization, Func<CancellationToken, Task>? nextChange = null) : ISource
{
    internal const string Kind = "digest";

    private readonly Lock _gate = new();
    private byte[]? _seen;

    public string Name => "organization";

    public async Task<ISourceReading> OpenAsync(SourceCookie? since, CancellationToken cancellationToken)
    {
        List<SourceChange> entries = await ReadAllAsync(cancellationToken);
        byte[] digest = Digest(entries);
        lock (_gate)
        {
            _seen = digest;
        }

        byte[]? known = since is null ? null : FeedCookie.Read(Kind, since);
        if (known is not null && known.AsSpan().SequenceEqual(digest))
        {
            return new GatheredReading([], since!);
        }

        string because = since is null ? WholeReading.NoCookie : known is null ? FeedCookie.OtherKind : "the organization's configuration has changed";
        return new WholeReading(because, _ => Yield(entries), () => FeedCookie.Write(Kind, digest));
    }

    /// <inheritdoc/>
    /// <remarks>Rings for what this source reads only: the directory holds other things as well.</remarks>
    public async Task WaitForBellAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Asked for before looking: what is committed after the look ends the wait.
            Task change = nextChange?.Invoke(cancellationToken) ?? Task.Delay(Timeout.Infinite, cancellationToken);
            if (nextChange is not null && await HasNewsAsync(cancellationToken))
            {
                return;
            }

            await change;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<bool> HasNewsAsync(CancellationToken cancellationToken)
    {
        byte[] now;
        try
        {
            now = Digest(await ReadAllAsync(cancellationToken));
        }
        catch (SourceException)
        {
            return false; // a reading will say so
        }

        lock (_gate)
        {
            bool first = _seen is null;
            _seen ??= now;
            bool news = !first && !_seen.AsSpan().SequenceEqual(now);
            _seen = now;
            return news;
        }
    }

    private async Task<List<SourceChange>> ReadAllAsync(CancellationToken cancellationToken)
    {
        List<SourceChange> entries = [];
        EntryIdReader ids = new(Name, [ConfigurationParts.IdAttribute]);
        SearchRequest request = new(
            OrganizationLayout.Configuration,
            SearchScope.WholeSubtree,
            new OrFilter([.. ConfigurationClasses.All.Select(kind => Filter.Equal("objectClass", kind.ObjectClass))]),
            [.. ConfigurationParts.Attributes, .. ids.Attributes]);
        try
        {
            await foreach (LdapEntry entry in organization.SearchAsync(request, cancellationToken))
            {
                if (ids.TryRead(entry, out EntryId id))
                {
                    entries.Add(new SourceChange(id, entry));
                }
            }
        }
        catch (LdapException e)
        {
            throw new SourceException(Name, $"organization directory: {e.Message}", "Look into the hub's log.", e);
        }
        catch (LdapConnectionException e)
        {
            throw new SourceException(Name, $"organization directory: {e.Message}", e.Hint, e);
        }

        return entries;
    }

    /// <summary>SHA-256 over ids, names, attributes and values, whatever order the directory gave them in.</summary>
    private static byte[] Digest(List<SourceChange> entries)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (SourceChange change in entries.OrderBy(entry => entry.Id.Value))
        {
            Append(Encoding.UTF8.GetBytes(change.Id.ToString()), length);
            Append(Encoding.UTF8.GetBytes(change.Entry!.Dn), length);
            foreach (LdapAttribute attribute in change.Entry.Attributes.OrderBy(attribute => attribute.Description, StringComparer.OrdinalIgnoreCase))
            {
                Append(Encoding.UTF8.GetBytes(attribute.Description.ToUpperInvariant()), length);
                foreach (string value in attribute.Values.Select(value => Convert.ToHexString(value.Span)).Order(StringComparer.Ordinal))
                {
                    Append(Encoding.ASCII.GetBytes(value), length);
                }
            }
        }

        return hash.GetHashAndReset();

        void Append(byte[] octets, Span<byte> size)
        {
            BitConverter.TryWriteBytes(size, octets.Length);
            hash.AppendData(size);
            hash.AppendData(octets);
        }
    }

    private static async IAsyncEnumerable<SourceChange> Yield(List<SourceChange> entries)
    {
        await Task.CompletedTask;
        foreach (SourceChange entry in entries)
        {
            yield return entry;
        }
    }
}
