using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Postern.Testing;

/// <summary>A 389 Directory Server of its own in a temporary folder on 127.0.0.1, without systemd and dscreate. As root, ns-slapd becomes
/// the user dirsrv.</summary>
public sealed class Ds389Fixture : IAsyncDisposable
{
    public const string BaseDn = "dc=example,dc=com";
    public const string ManagerDn = "cn=manager";
    public const string ManagerPassword = "manager secret";
    public const string RetroChangelog = "Retro Changelog Plugin";
    public const string ContentSync = "Content Synchronization";

    private const string Share = "/usr/share/dirsrv";
    private const string User = "dirsrv";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly string[] Folders = ["etc", "run", "db", "ldif", "bak", "log", "tmp", "lock"];

    private readonly TempFolder _folder = new();
    private ChildProcess? _process;

    private Ds389Fixture(int port) => Port = port;

    public int Port { get; }

    public string LdapUrl => string.Create(CultureInfo.InvariantCulture, $"ldap://127.0.0.1:{Port}");

    /// <summary>OpenLDAP's tools, bound as the manager.</summary>
    public OpenLdapTools Tools => new(LdapUrl, ManagerDn, ManagerPassword, null);

    /// <summary>Skips (or fails, under CI) when it is not installed; otherwise starts one.</summary>
    /// <param name="plugins">Switched on: <see cref="RetroChangelog"/> (its records name nsUniqueId), <see cref="ContentSync"/>.</param>
    /// <param name="ldif">Content below and with the suffix dc=example,dc=com.</param>
    public static async Task<Ds389Fixture> StartAsync(IReadOnlyList<string> plugins, string ldif, CancellationToken cancellationToken = default)
    {
        Peers.Require("389-ds-base");
        Peers.Require("ldap-utils");
        Ds389Fixture server = new(LoopbackPort.Free());
        try
        {
            await server.PrepareAsync(plugins, cancellationToken);
            await server.StartAgainAsync(cancellationToken);
            (await server.Tools.AddAsync(Backend)).MustSucceed();
            (await server.Tools.AddAsync(ldif)).MustSucceed();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        ChildProcess process = ChildProcess.Start(Peers.PathOf("ns-slapd"), ["-D", _folder["etc"], "-i", _folder["run/pid"], "-d", "0"]);
        _process = process;
        await LoopbackPort.WaitUntilOpenAsync(
            Port, StartPatience, () => process.HasExited ? $"ns-slapd ended with {process.ExitCode}: {process.Error}" : null, cancellationToken);
    }

    public async Task StopAsync()
    {
        if (_process is not null)
        {
            await _process.TerminateAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task PrepareAsync(IReadOnlyList<string> plugins, CancellationToken cancellationToken)
    {
        foreach (string folder in Folders)
        {
            _folder.CreateFolder(folder);
        }

        _folder.CreateFolder("etc/schema");
        foreach (string file in System.IO.Directory.GetFiles($"{Share}/schema", "*.ldif"))
        {
            File.Copy(file, _folder[$"etc/schema/{Path.GetFileName(file)}"]);
        }

        File.Copy("/etc/dirsrv/config/slapd-collations.conf", _folder["etc/slapd-collations.conf"]);
        string template = await File.ReadAllTextAsync($"{Share}/data/template-dse.ldif", cancellationToken);
        _folder.Write("etc/dse.ldif", Fill(template, plugins));
        if (Environment.IsPrivilegedProcess)
        {
            (await ChildProcess.RunAsync("chown", ["-R", $"{User}:{User}", _folder.Path], cancellationToken: cancellationToken)).MustSucceed();
        }
    }

    private string Fill(string template, IReadOnlyList<string> plugins)
    {
        StringBuilder text = new(template);
        foreach ((string name, string value) in (ReadOnlySpan<(string, string)>)
        [
            ("schema_dir", _folder["etc/schema"]), ("lock_dir", _folder["lock"]), ("tmp_dir", _folder["tmp"]), ("cert_dir", _folder["etc"]),
            ("ldif_dir", _folder["ldif"]), ("bak_dir", _folder["bak"]), ("run_dir", _folder["run"]), ("inst_dir", _folder["etc"]), ("log_dir", _folder["log"]),
            ("config_dir", _folder["etc"]), ("db_dir", _folder["db"]), ("db_home_dir", _folder["db"]), ("db_lib", "bdb"), ("fqdn", "localhost"),
            ("ds_port", Port.ToString(CultureInfo.InvariantCulture)), ("ds_user", Environment.IsPrivilegedProcess ? User : Environment.UserName),
            ("rootdn", ManagerDn), ("ds_passwd", Hash(ManagerPassword) + "\nnsslapd-listenhost: 127.0.0.1"), ("ldapi_enabled", "off"), ("ldapi_autobind", "off"),
            ("ldapi", _folder["run/ldapi"]), ("ds_suffix", BaseDn),
        ])
        {
            text.Replace($"%{name}%", value);
        }

        string filled = text.ToString();
        foreach (string plugin in plugins)
        {
            int entry = filled.IndexOf($"dn: cn={plugin},", StringComparison.Ordinal);
            int switched = filled.IndexOf("nsslapd-pluginenabled: off", entry, StringComparison.Ordinal);
            string on = plugin == RetroChangelog ? "nsslapd-attribute: nsuniqueid:targetUniqueId\nnsslapd-pluginenabled: on" : "nsslapd-pluginenabled: on";
            filled = string.Concat(filled.AsSpan(0, switched), on, filled.AsSpan(switched + "nsslapd-pluginenabled: off".Length));
        }

        return filled;
    }

    /// <summary>The form {SSHA}, RFC 2307 section 5.3 with a salt: what ns-slapd takes in its own configuration.</summary>
    private static string Hash(string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(8);
#pragma warning disable CA5350 // the scheme's own digest
        byte[] digest = SHA1.HashData([.. Encoding.UTF8.GetBytes(password), .. salt]);
#pragma warning restore CA5350
        return "{SSHA}" + Convert.ToBase64String([.. digest, .. salt]);
    }

    // In dse.ldif from the start, ns-slapd would not come up.
    private const string Backend = """
        dn: cn=userRoot,cn=ldbm database,cn=plugins,cn=config
        objectClass: top
        objectClass: extensibleObject
        objectClass: nsBackendInstance
        cn: userRoot
        nsslapd-suffix: dc=example,dc=com

        dn: cn=dc\3Dexample\2Cdc\3Dcom,cn=mapping tree,cn=config
        objectClass: top
        objectClass: extensibleObject
        objectClass: nsMappingTree
        cn: dc=example,dc=com
        nsslapd-state: backend
        nsslapd-backend: userRoot

        """;
}
