namespace Postern.Certificates;

/// <summary>One certificate that an ACME client keeps, through all its renewals.</summary>
/// <param name="Path">What tells it from others: <c>/etc/letsencrypt/live/mail.example.com</c>, <c>/var/lib/lego/certificates/mail.example.com</c>.</param>
/// <param name="Files">Certificate first, then issuers, the key last. Those that are there.</param>
public sealed record AcmeLineage(string Path, IReadOnlyList<string> Files)
{
    /// <summary>Of one folder. Far more than a mail server has. Ours.</summary>
    public const int MaxLineages = 500;

    /// <summary>All that are in a folder of certbot (<c>live/NAME/fullchain.pem, privkey.pem</c>) or lego (<c>certificates/NAME.crt, NAME.key,
    /// NAME.issuer.crt</c>); the folder may be the inner one, or that of one certificate of certbot.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be read.</exception>
    public static IReadOnlyList<AcmeLineage> In(string folder)
    {
        string root = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder));
        IEnumerable<AcmeLineage> found =
        [
            .. Certbot(root), .. Below(root).SelectMany(Certbot), .. Below(System.IO.Path.Combine(root, "live")).SelectMany(Certbot),
            .. Lego(root), .. Lego(System.IO.Path.Combine(root, "certificates")),
        ];
        return [.. found.DistinctBy(one => one.Path).OrderBy(one => one.Path, StringComparer.Ordinal).Take(MaxLineages)];

        IEnumerable<string> Below(string path) => path == root || Directory.Exists(path) ? Directory.EnumerateDirectories(path) : [];
    }

    /// <summary>fullchain.pem, or cert.pem and chain.pem.</summary>
    private static IEnumerable<AcmeLineage> Certbot(string folder)
    {
        string key = System.IO.Path.Combine(folder, "privkey.pem");
        string full = System.IO.Path.Combine(folder, "fullchain.pem");
        string[] files = File.Exists(full) ? [full] : [System.IO.Path.Combine(folder, "cert.pem"), System.IO.Path.Combine(folder, "chain.pem")];
        if (File.Exists(key) && File.Exists(files[0]))
        {
            yield return new AcmeLineage(folder, [.. files.Where(File.Exists), key]);
        }
    }

    private static IEnumerable<AcmeLineage> Lego(string folder)
    {
        const string Key = ".key";
        foreach (string key in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*" + Key) : [])
        {
            string path = key[..^Key.Length];
            if (File.Exists(path + ".crt"))
            {
                string issuer = path + ".issuer.crt";
                yield return new AcmeLineage(path, File.Exists(issuer) ? [path + ".crt", issuer, key] : [path + ".crt", key]);
            }
        }
    }
}
