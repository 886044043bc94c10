using System.Globalization;
using System.Text;
using Postern.EdgeSync.Settings;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Sources.ActiveDirectory;

/// <summary>One domain controller for a test class, started by the first test that is not skipped; each test works below a unit of its own.</summary>
public sealed class DomainFixture : IAsyncLifetime, IDisposable
{
    public const string ReaderPassword = "Re4der secret!";

    private readonly TempFolder _folder = new();
    private SambaDc? _controller;
    private LdapConnection? _admin;
    private int _units;

    public SambaDc Controller => _controller ?? throw new InvalidOperationException("the test has not asked for the domain controller");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_admin is not null)
        {
            await _admin.DisposeAsync();
        }

        if (_controller is not null)
        {
            await _controller.DisposeAsync();
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A new organizational unit on a running domain controller; skips where there is none.</summary>
    public async Task<TestUnit> UnitAsync()
    {
        _controller ??= await SambaDc.StartAsync();
        string name = string.Create(CultureInfo.InvariantCulture, $"U{++_units}");
        TestUnit unit = new(this, await AdminAsync(), $"OU={name},{SambaDc.BaseDn}");
        await unit.AddUnitAsync(unit.Dn);
        return unit;
    }

    /// <summary>A connection of the administrator; another one after a restart.</summary>
    public async Task<LdapConnection> AdminAsync()
    {
        if (_admin is { Failure: not null })
        {
            await _admin.DisposeAsync();
            _admin = null;
        }

        return _admin ??= await ConnectAsync(SambaDc.AdminName, SambaDc.AdminPassword);
    }

    public async Task<LdapConnection> ConnectAsync(string name, string password)
    {
        LdapConnection connection = await LdapConnection.ConnectAsync(new LdapClientOptions
        {
            Endpoint = LdapEndpoint.Parse(Controller.LdapsUrl),
            Trust = new LdapTrust.CaFile(Controller.CertificateFiles.Authority),
        });
        await connection.BindAsync(name, password);
        return connection;
    }

    /// <summary>Of the administrator, who may replicate; of another account with its password in a file.</summary>
    public SourceSettings Settings(string baseDn, string? account = null, string password = ReaderPassword) => new()
    {
        Name = "ad",
        Type = SourceType.ActiveDirectory,
        Urls = [Controller.LdapsUrl],
        BaseDn = baseDn,
        BindDn = account ?? SambaDc.AdminName,
        PasswordFile = _folder.Write($"password-{account?.Length ?? 0}", account is null ? SambaDc.AdminPassword : password),
        CaFile = Controller.CertificateFiles.Authority,
        PageSize = 3,
    };

    /// <summary>An ordinary user, who may neither replicate nor see deleted objects.</summary>
    public async Task<string> AddReaderAsync(string name)
    {
        LdapConnection admin = await AdminAsync();
        AddRequest request = new(
            $"CN={name},CN=Users,{SambaDc.BaseDn}",
            new LdapAttribute("objectClass", "user"),
            new LdapAttribute("sAMAccountName", name),
            new LdapAttribute("userAccountControl", "512"),
            new LdapAttribute("unicodePwd", Password(ReaderPassword)));
        (await admin.AddAsync(request)).ThrowIfFailed($"add {name}");
        return request.Dn;
    }

    /// <summary>Lets everybody who is logged in see deleted objects, or only those who do by default.</summary>
    public async Task ShowDeletedObjectsAsync(bool show = true) => await Controller.ModifyDatabaseAsync(
        $"""
        dn: CN=Deleted Objects,{SambaDc.BaseDn}
        changetype: modify
        replace: nTSecurityDescriptor
        nTSecurityDescriptor: O:BAG:BAD:PAI(A;;RPWPCCDCLCSWRCWDWOSD;;;SY)(A;;RPWPCCDCLCSWRCWDWOSD;;;BA){(show ? "(A;;RPLC;;;AU)" : "")}

        """,
        "--controls=show_deleted:1");

    public static byte[] Password(string text) => Encoding.Unicode.GetBytes($"\"{text}\"");
}
