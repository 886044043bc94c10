using System.Globalization;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Replication;

/// <summary>slapd with a database that it fills from a provider by syncrepl.</summary>
internal sealed class SlapdConsumer : IAsyncDisposable
{
    private const string AdminDn = "cn=admin,o=edge";
    private const string AdminPassword = "secret";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new();
    private readonly int _port = LoopbackPort.Free();
    private ChildProcess? _process;

    public SlapdConsumer(string provider, string type)
    {
        _folder.CreateFolder("db");
        _folder.Write("slapd.conf", $"""
            include /etc/ldap/schema/core.schema
            include /etc/ldap/schema/cosine.schema
            include /etc/ldap/schema/inetorgperson.schema
            modulepath /usr/lib/ldap
            moduleload back_mdb
            pidfile {_folder["slapd.pid"]}
            argsfile {_folder["slapd.args"]}
            database mdb
            suffix "{ProviderHost.Suffix}"
            rootdn "{AdminDn}"
            rootpw "{AdminPassword}"
            directory {_folder["db"]}
            index objectClass,entryUUID,entryCSN eq
            syncrepl rid=007 provider={provider} type={type} interval=00:00:00:01 retry="1 +" searchbase="{ProviderHost.Suffix}" scope=sub
              bindmethod=simple binddn="{ProviderHost.ReaderDn}" credentials="{ProviderHost.ReaderPassword}" schemachecking=off
            """);
    }

    public OpenLdapTools Tools => new(Url, AdminDn, AdminPassword, null);

    private string Url => string.Create(CultureInfo.InvariantCulture, $"ldap://127.0.0.1:{_port}");

    public async Task StartAsync()
    {
        ChildProcess process = ChildProcess.Start(Peers.Find("slapd")!, ["-d", "sync", "-f", _folder["slapd.conf"], "-h", Url + "/"]);
        _process = process;
        await LoopbackPort.WaitUntilOpenAsync(_port, StartPatience, () => process.HasExited ? $"slapd ended with {process.ExitCode}: {process.Error}" : null, CancellationToken.None);
    }

    public Task StopAsync() => _process!.TerminateAsync();

    /// <summary>What it says about its synchronization.</summary>
    public string Log => _process?.Error ?? "";

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }
}
