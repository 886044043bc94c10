using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Postern.EdgeSync.NameService;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.ActiveDirectory;
using Postern.EdgeSync.Sources.Connecting;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Explanations;

/// <summary>Looks for one address in a source, whatever the source's filter says: to tell why an object is a recipient, or is none.</summary>
internal sealed class RecipientFinder(SourceSettings settings, TimeProvider time, ILogger log)
{
    /// <summary>Objects that one answer takes; an address has one, and a few by mistake.</summary>
    public const int MaxFound = 20;

    /// <summary>For tests; the machine's own name servers otherwise.</summary>
    public DnsClient? NameServers { get; init; }

    private static readonly IdnMapping Idn = new() { AllowUnassigned = true, UseStd3AsciiRules = false };

    /// <param name="normalized">As <see cref="MailAddress.TryNormalize"/> made it.</param>
    /// <param name="written">As it was asked for: directories hold what people typed.</param>
    /// <returns>At most <see cref="MaxFound"/>, with what filter and map look at.</returns>
    /// <exception cref="SourceException">The source does not answer.</exception>
    public Task<IReadOnlyList<LdapEntry>> FindAsync(string normalized, string written, CancellationToken cancellationToken) =>
        settings.Type == SourceType.Ldif ? Task.Run(IReadOnlyList<LdapEntry> () => FindInFile(normalized, cancellationToken), cancellationToken) : FindInDirectoryAsync(normalized, written, cancellationToken);

    private Task<IReadOnlyList<LdapEntry>> FindInDirectoryAsync(string normalized, string written, CancellationToken cancellationToken)
    {
        SearchRequest request = new(settings.BaseDn!, SearchScope.WholeSubtree, FilterFor(normalized, written), settings.RequestedWithFilter);
        return settings.Type == SourceType.ActiveDirectory ? FindInDomainAsync(request, cancellationToken) : FindOnServerAsync(request, cancellationToken);
    }

    /// <summary>On the domain controller that a cycle would read: by name, or as DNS names them.</summary>
    private async Task<IReadOnlyList<LdapEntry>> FindInDomainAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        await using DomainControllers controllers = new(settings, time, log) { NameServers = NameServers };
        await using DomainSession session = await controllers.OpenAsync(cancellationToken);
        try
        {
            return await ReadAsync(session.Connection, request, cancellationToken);
        }
        catch (Exception e) when (SourceFailures.IsOfDirectory(e))
        {
            throw session.Explain(e, $"searching for an address under {settings.BaseDn}");
        }
    }

    private async Task<IReadOnlyList<LdapEntry>> FindOnServerAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        SourceConnection connector = new(settings, time, log);
        await using LdapConnection connection = await connector.OpenAsync(cancellationToken);
        try
        {
            return await ReadAsync(connection, request, cancellationToken);
        }
        catch (Exception e) when (SourceFailures.IsOfDirectory(e))
        {
            throw connector.Explain(e, $"search for an address under {settings.BaseDn}");
        }
    }

    private static async Task<IReadOnlyList<LdapEntry>> ReadAsync(LdapConnection connection, SearchRequest request, CancellationToken cancellationToken)
    {
        List<LdapEntry> found = [];
        await foreach (LdapEntry entry in connection.SearchAsync(request, cancellationToken))
        {
            found.Add(entry);
            if (found.Count == MaxFound)
            {
                break;
            }
        }

        return found;
    }

    private OrFilter FilterFor(string normalized, string written)
    {
        HashSet<string> forms = new(StringComparer.OrdinalIgnoreCase) { normalized, WithoutType(written) };
        int at = normalized.LastIndexOf('@');
        if (normalized.AsSpan(at).Contains("xn--", StringComparison.Ordinal) && TryUnicode(normalized[(at + 1)..], out string domain))
        {
            forms.Add(string.Concat(normalized.AsSpan(0, at + 1), domain));
        }

        return new OrFilter(
        [
            .. settings.Map.Addresses.SelectMany(attribute => forms.SelectMany(form => (Filter[])[Filter.Equal(attribute, form), Filter.Equal(attribute, "smtp:" + form)])),
        ]);
    }

    private static string WithoutType(string written)
    {
        const string type = "smtp:";
        string text = written.Trim();
        return text.StartsWith(type, StringComparison.OrdinalIgnoreCase) ? text[type.Length..].Trim() : text;
    }

    private static bool TryUnicode(string domain, out string unicode)
    {
        try
        {
            unicode = Idn.GetUnicode(domain);
            return true;
        }
        catch (ArgumentException)
        {
            unicode = "";
            return false;
        }
    }

    private List<LdapEntry> FindInFile(string normalized, CancellationToken cancellationToken)
    {
        List<LdapEntry> found = [];
        try
        {
            using FileStream stream = new(settings.Path!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            foreach (LdifRecord record in new LdifReader(stream, stream.Name).Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (record is LdifContentRecord content && Holds(content.Entry, normalized))
                {
                    found.Add(content.Entry);
                    if (found.Count == MaxFound)
                    {
                        break;
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LdifException)
        {
            throw new SourceException(settings.Name, $"{settings.Path}: {e.Message}", "Check that the file exists, and mend or export it anew.", e);
        }

        return found;
    }

    private bool Holds(LdapEntry entry, string normalized) => entry.Attributes
        .Where(attribute => settings.Map.Addresses.Any(name => AttributeDescription.Matches(attribute.Description, name)))
        .SelectMany(attribute => attribute.Values)
        .Any(value => MailAddress.TryNormalize(Encoding.UTF8.GetString(value.Span), out string one, out _) && one == normalized);
}
