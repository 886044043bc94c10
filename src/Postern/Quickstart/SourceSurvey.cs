using System.Text;
using Postern.EdgeSync.Settings;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.Quickstart;

/// <summary>What quickstart must know of a source that it did not make: which domains there are, and one address to look up.</summary>
/// <param name="Domains">Those of the addresses, the most frequent first; at most <see cref="MaxDomains"/>.</param>
/// <param name="KnownAddress">An address of the most frequent domain.</param>
internal sealed record SourceSurvey(IReadOnlyList<string> Domains, string KnownAddress)
{
    /// <summary>A directory with more mail domains wants a considered list, not a guess.</summary>
    public const int MaxDomains = 100;

    public static async Task<SourceSurvey> ReadAsync(SourceSettings source, CancellationToken cancellationToken)
    {
        Dictionary<string, (int Count, string First)> domains = [];
        await foreach (LdapEntry entry in EntriesAsync(source, cancellationToken))
        {
            foreach (string value in source.Map.Addresses.SelectMany(entry.Strings))
            {
                if (MailAddress.TryNormalize(value, out string address, out _))
                {
                    string domain = address[(address.LastIndexOf('@') + 1)..];
                    (int count, string first) = domains.GetValueOrDefault(domain, (0, address));
                    domains[domain] = (count + 1, first);
                }
            }
        }

        KeyValuePair<string, (int Count, string First)>[] ranked = [.. domains.OrderByDescending(domain => domain.Value.Count).Take(MaxDomains)];
        return ranked.Length > 0
            ? new SourceSurvey([.. ranked.Select(domain => domain.Key)], ranked[0].Value.First)
            : throw new CommandFailure(
                ExitCode.Failed, "noAddresses", $"the source has no entry with an address in {string.Join(" or ", source.Map.Addresses)}",
                "check the file, or --base-dn and what the bind user may read");
    }

    private static IAsyncEnumerable<LdapEntry> EntriesAsync(SourceSettings source, CancellationToken cancellationToken) =>
        source.Type == SourceType.Ldif ? FromFileAsync(source.Path!) : FromDirectoryAsync(source, cancellationToken);

    private static async IAsyncEnumerable<LdapEntry> FromFileAsync(string path)
    {
        await using FileStream file = File.OpenRead(path);
        foreach (LdifRecord record in new LdifReader(file, path).Read())
        {
            if (record is LdifContentRecord content)
            {
                yield return content.Entry;
            }
        }
    }

    private static async IAsyncEnumerable<LdapEntry> FromDirectoryAsync(
        SourceSettings source, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        LdapClientOptions options = new() { Endpoint = LdapEndpoint.Parse(source.Url!), StartTls = source.StartTls };
        await using LdapConnection connection = await LdapConnection.ConnectAsync(options, cancellationToken);
        if (source.BindDn is not null)
        {
            string password = source.PasswordFile is null ? "" : await File.ReadAllTextAsync(source.PasswordFile, Encoding.UTF8, cancellationToken);
            await connection.BindAsync(source.BindDn, password.TrimEnd('\n', '\r'), cancellationToken);
        }

        SearchRequest search = new(source.BaseDn!, SearchScope.WholeSubtree, FilterParser.Parse(source.Filter), source.Map.Addresses);
        await foreach (LdapEntry entry in connection.SearchPagedAsync(search, source.PageSize, cancellationToken))
        {
            yield return entry;
        }
    }
}
