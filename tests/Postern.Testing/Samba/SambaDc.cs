using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Postern.Testing;

/// <summary>A domain controller of Samba with a database of its own, on an address of its own (its ports are fixed), LDAP only. Ends with the
/// test, by process id.</summary>
public sealed class SambaDc : IAsyncDisposable
{
    public const string BaseDn = "DC=lab,DC=example";
    public const string Domain = "lab.example";
    public const string AdminName = "Administrator@lab.example";
    public const string AdminPassword = "LabPassw0rd!";

    private const int LdapsPort = 636;
    private const int AddressAttempts = 50;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    private readonly TempFolder _folder = new();
    private readonly Certs _certs;
    private readonly bool _ownsCerts;
    private readonly string _host;
    private ChildProcess? _process;

    private SambaDc(string host, Certs? authority)
    {
        _host = host;
        _ownsCerts = authority is null;
        _certs = authority ?? Certs.Create();
        Address = FreeAddress();
        CertificateFiles = _certs.WriteServerFiles(_folder.Path, Address, $"{host}.{Domain}");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(CertificateFiles.Key, UnixFileMode.UserRead | UnixFileMode.UserWrite); // Samba refuses a key that others may read
        }
    }

    /// <summary>127.x.y.z.</summary>
    public string Address { get; }

    public string LdapsUrl => $"ldaps://{Address}:636";

    public string LdapUrl => $"ldap://{Address}:389";

    /// <summary>Vouches for its certificate, which bears the address and the host's name.</summary>
    public CertificateFiles CertificateFiles { get; }

    public Certs Authority => _certs;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>OpenLDAP's tools, bound as the administrator over ldaps://.</summary>
    public OpenLdapTools Tools => new(LdapsUrl, AdminName, AdminPassword, CertificateFiles.Authority);

    /// <summary>Skips (or fails, under CI) when there is no Samba or we are not root; otherwise provisions a domain and starts it.</summary>
    /// <param name="authority">Whose certificate it gets; null makes one.</param>
    public static async Task<SambaDc> StartAsync(string host = "dc1", Certs? authority = null, CancellationToken cancellationToken = default)
    {
        Peers.Require("samba");
        var controller = new SambaDc(host, authority);
        try
        {
            await controller.ProvisionAsync(cancellationToken);
            await controller.StartAgainAsync(cancellationToken);
            return controller;
        }
        catch
        {
            await controller.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it after <see cref="StopAsync"/>, on the same address, with the same data.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        string[] options =
        [
            "server services=ldap", .. Binding(),
            $"tls cafile={CertificateFiles.Authority}", $"tls certfile={CertificateFiles.Certificate}", $"tls keyfile={CertificateFiles.Key}",
            $"pid directory={_folder["run"]}", $"lock directory={_folder["run"]}", $"state directory={_folder["dc/state"]}", $"cache directory={_folder["dc/cache"]}",
            $"log file={_folder["samba.log"]}", "log level=1",
        ];
        ChildProcess process = ChildProcess.Start(
            Peers.PathOf("samba"), ["-F", "--no-process-group", "-M", "single", "-s", _folder["dc/etc/smb.conf"], .. options.Select(option => $"--option={option}")]);
        _process = process;
        await WaitUntilOpenAsync(process, cancellationToken);
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

    /// <summary>Changes the database behind the server's back, as nobody but the machine's administrator can.</summary>
    /// <param name="ldif">Change records; security descriptors may be written as SDDL.</param>
    /// <param name="arguments">Of ldbmodify.</param>
    public async Task ModifyDatabaseAsync(string ldif, params string[] arguments) =>
        (await ChildProcess.RunAsync(Peers.PathOf("ldbmodify"), ["-H", _folder["dc/private/sam.ldb"], .. arguments], ldif)).MustSucceed();

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        if (_ownsCerts)
        {
            _certs.Dispose();
        }

        _folder.Dispose();
    }

    private async Task ProvisionAsync(CancellationToken cancellationToken)
    {
        _folder.CreateFolder("run");
        string[] options = [.. Binding(), "vfs objects=dfs_samba4 acl_xattr xattr_tdb"];
        CommandResult provisioned = await ChildProcess.RunAsync(
            Peers.PathOf("samba-tool"),
            [
                "domain", "provision", $"--targetdir={_folder["dc"]}", $"--realm={Domain.ToUpperInvariant()}", "--domain=LAB", "--server-role=dc", "--dns-backend=NONE",
                $"--adminpass={AdminPassword}", $"--host-name={_host}", $"--host-ip={Address}", .. options.Select(option => $"--option={option}"),
            ],
            cancellationToken: cancellationToken);
        provisioned.MustSucceed();
    }

    /// <summary>Exactly this address: "lo" would mean 127.0.0.1 whatever else is asked for.</summary>
    private string[] Binding() => [$"interfaces={Address}/8", "bind interfaces only=yes"];

    private async Task WaitUntilOpenAsync(ChildProcess process, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Parse(Address), LdapsPort, cancellationToken);
                return;
            }
            catch (SocketException) when (TimeProvider.System.GetElapsedTime(start) < StartPatience)
            {
                if (process.HasExited)
                {
                    throw new InvalidOperationException($"samba ended with {process.ExitCode}: {process.Output}{process.Error}");
                }

                await Task.Delay(PollInterval, cancellationToken);
            }
        }
    }

    private static string FreeAddress()
    {
        for (int attempt = 0; attempt < AddressAttempts; attempt++)
        {
            string address = string.Create(
                CultureInfo.InvariantCulture, $"127.{Random.Shared.Next(64, 128)}.{Random.Shared.Next(256)}.{Random.Shared.Next(1, 255)}");
            try
            {
                using var probe = new TcpListener(IPAddress.Parse(address), LdapsPort);
                probe.Start();
                return address;
            }
            catch (SocketException)
            {
                // Taken: try another.
            }
        }

        throw new InvalidOperationException($"No address of 127.64.0.0/10 with a free port {LdapsPort} after {AddressAttempts} attempts.");
    }
}
