using System.Globalization;
using Postern.Certificates;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Configuration;

/// <summary>An object of the configuration that was made on the edge itself.</summary>
/// <param name="Kind">For example <c>send connector</c>.</param>
public sealed record LocalObject(string Kind, string Name);

/// <summary>What an edge configured itself, before there was a subscription (fact sheet 2.9): the first configuration cycle replaces it.</summary>
/// <param name="edge">The edge directory.</param>
public sealed class LocalConfiguration(IDirectory edge, EdgePaths paths, TimeProvider time)
{
    /// <summary>In the order of the classes.</summary>
    public async Task<IReadOnlyList<LocalObject>> ListAsync(CancellationToken cancellationToken = default) =>
        [.. (await ReadAsync(cancellationToken)).Select(one => new LocalObject(one.Kind.Noun, ConfigurationEntry.NameOf(one.Kind, one.Entry)))];

    /// <summary>Writes it as LDIF (RFC 2849), mode 0600; `postern directory import` brings it back.</summary>
    /// <returns>The file.</returns>
    /// <exception cref="PrivateFileException">It cannot be written.</exception>
    public async Task<string> BackUpAsync(CancellationToken cancellationToken = default)
    {
        using StringWriter text = new();
        LdifWriter ldif = new(text);
        foreach ((_, LdapEntry entry) in await ReadAsync(cancellationToken))
        {
            ldif.Write(entry);
        }

        string stamp = time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        string file = Path.Combine(paths.Private, $"before-subscription-{stamp}.ldif");
        PrivateFile.Replace(file, System.Text.Encoding.ASCII.GetBytes(text.ToString()));
        return file;
    }

    private async Task<List<(ConfigurationClass Kind, LdapEntry Entry)>> ReadAsync(CancellationToken cancellationToken)
    {
        List<(ConfigurationClass Kind, LdapEntry Entry)> local = [];
        foreach (ConfigurationClass kind in ConfigurationClasses.All)
        {
            SearchRequest request = new(kind.EdgeDn, SearchScope.SingleLevel, Filter.Equal("objectClass", kind.ObjectClass), ["*"]);
            await foreach (LdapEntry entry in edge.SearchAsync(request, cancellationToken))
            {
                if (entry.Find(PosternAttributes.Source) is null)
                {
                    local.Add((kind, entry));
                }
            }
        }

        return local;
    }
}
