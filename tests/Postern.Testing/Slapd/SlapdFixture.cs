using System.Globalization;
using System.Text;
using Postern.Samples;

namespace Postern.Testing;

/// <summary>Debian's slapd with a configuration, a database and ports of its own, filled by slapadd. Ends with the test, by process id.</summary>
public sealed class SlapdFixture : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new();
    private readonly Certs _certs = Certs.Create();
    private readonly SlapdOptions _options;
    private ChildProcess? _process;

    private SlapdFixture(SlapdOptions options)
    {
        _options = options;
        Organization = new OrganizationGenerator(options.Recipients, options.Seed);
        CertificateFiles = options.Address == new SlapdOptions().Address ? _certs.WriteServerFiles(_folder.Path) : _certs.WriteServerFiles(_folder.Path, options.Address);
        LdapPort = LoopbackPort.Free();
        do
        {
            LdapsPort = LoopbackPort.Free();
        }
        while (LdapsPort == LdapPort);
    }

    /// <summary>What it was filled with.</summary>
    public OrganizationGenerator Organization { get; }

    public string BaseDn => Organization.BaseDn;

    public string AdminDn => "cn=admin," + BaseDn;

    public string AdminPassword => "admin secret";

    /// <summary>An account that may read everything and write nothing, as a hub would use.</summary>
    public string ReaderDn => "cn=reader," + BaseDn;

    public string ReaderPassword => "reader secret";

    public int LdapPort { get; }

    public int LdapsPort { get; }

    public string LdapUrl => string.Create(CultureInfo.InvariantCulture, $"ldap://{_options.Address}:{LdapPort}");

    // By address: libldap takes the name "localhost" for this machine's own host name and then finds it in no certificate.
    public string LdapsUrl => string.Create(CultureInfo.InvariantCulture, $"ldaps://{_options.Address}:{LdapsPort}");

    public CertificateFiles CertificateFiles { get; }

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("slapd is not running.");

    /// <summary>OpenLDAP's tools, bound as the admin over ldap://.</summary>
    public OpenLdapTools Tools => new(LdapUrl, AdminDn, AdminPassword, CertificateFiles.Authority);

    /// <summary>Skips (or fails, under CI) when there is no slapd; otherwise loads and starts one.</summary>
    public static async Task<SlapdFixture> StartAsync(SlapdOptions? options = null, CancellationToken cancellationToken = default)
    {
        Peers.Require("slapd");
        var slapd = new SlapdFixture(options ?? new SlapdOptions());
        try
        {
            await slapd.LoadAsync(cancellationToken);
            await slapd.StartAgainAsync(cancellationToken);
            return slapd;
        }
        catch
        {
            await slapd.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it after <see cref="StopAsync"/> or <see cref="KillAsync"/>, on the same ports, with the same data.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        if (_process is { HasExited: false })
        {
            throw new InvalidOperationException("slapd is running.");
        }

        // -d keeps it in the foreground, where its process id is ours.
        ChildProcess process = ChildProcess.Start(Peers.PathOf("slapd"), ["-d", "0", "-f", _folder["slapd.conf"], "-h", $"{LdapUrl}/ {LdapsUrl}/"]);
        _process = process;
        foreach (int port in (int[])[LdapPort, LdapsPort])
        {
            await LoopbackPort.WaitUntilOpenAsync(
                _options.Address, port, StartPatience, () => process.HasExited ? $"slapd ended with {process.ExitCode}: {process.Error}" : null, cancellationToken);
        }
    }

    public async Task StopAsync()
    {
        if (_process is not null)
        {
            await _process.TerminateAsync();
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (_process is not null)
        {
            await _process.KillAsync();
        }
    }

    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync();
        await StartAgainAsync(cancellationToken);
    }

    /// <summary>Keeps a copy of the database as it is now; slapd is stopped meanwhile.</summary>
    public async Task BackUpAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync();
        Copy("db", "backup");
        await StartAgainAsync(cancellationToken);
    }

    /// <summary>Goes back to the copy.</summary>
    public async Task RestoreAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync();
        Copy("backup", "db");
        await StartAgainAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _certs.Dispose();
        _folder.Dispose();
    }

    private void Copy(string from, string to)
    {
        _folder.CreateFolder(to);
        foreach (string file in System.IO.Directory.GetFiles(_folder[to]))
        {
            File.Delete(file);
        }

        foreach (string file in System.IO.Directory.GetFiles(_folder[from]))
        {
            File.Copy(file, _folder[to, Path.GetFileName(file)]);
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        _folder.CreateFolder("db");
        _folder.Write("slapd.conf", Configuration());
        await using (var writer = new StreamWriter(_folder["org.ldif"], append: false, new UTF8Encoding(false)))
        {
            if (_options.Ldif is { } ldif)
            {
                await writer.WriteAsync(ldif);
            }
            else
            {
                await WriteOrganizationAsync(writer);
            }
        }

        // -q: no fsync while loading; -w: write the contextCSN that syncrepl compares.
        CommandResult load = await ChildProcess.RunAsync(
            Peers.PathOf("slapadd"), ["-q", "-w", "-f", _folder["slapd.conf"], "-l", _folder["org.ldif"]], cancellationToken: cancellationToken);
        load.MustSucceed();
        File.Delete(_folder["org.ldif"]);
    }

    private async Task WriteOrganizationAsync(TextWriter writer)
    {
        Organization.WriteLdif(writer);
        await writer.WriteAsync($"""

            dn: {ReaderDn}
            objectClass: organizationalRole
            objectClass: simpleSecurityObject
            cn: reader
            userPassword: {ReaderPassword}

            {_options.ExtraLdif}
            """);
    }

    private string Configuration() => $"""
        include /etc/ldap/schema/core.schema
        include /etc/ldap/schema/cosine.schema
        include /etc/ldap/schema/inetorgperson.schema
        include /etc/ldap/schema/misc.schema
        include {Path.Combine(AppContext.BaseDirectory, "Slapd", "mail-recipient.schema")}
        {string.Join('\n', _options.Schemas.Select(file => "include " + file))}
        modulepath /usr/lib/ldap
        moduleload back_mdb
        moduleload syncprov
        pidfile {_folder["slapd.pid"]}
        argsfile {_folder["slapd.args"]}
        loglevel 0
        sizelimit {(_options.SizeLimit == 0 ? "unlimited" : _options.SizeLimit.ToString(CultureInfo.InvariantCulture))}
        TLSCACertificateFile {CertificateFiles.Authority}
        TLSCertificateFile {CertificateFiles.Certificate}
        TLSCertificateKeyFile {CertificateFiles.Key}
        access to dn.base="" by * read
        access to attrs=userPassword by anonymous auth by * none
        access to * by users read by anonymous auth
        database mdb
        suffix "{BaseDn}"
        rootdn "{AdminDn}"
        rootpw "{AdminPassword}"
        directory {_folder["db"]}
        maxsize 4294967296
        index objectClass,entryUUID,entryCSN,mail,proxyAddresses eq
        {string.Join('\n', _options.DatabaseLines)}

        """;
}
