using System.IO.Pipelines;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Ldap.Server.Connections;
using Postern.Ldap.Server.Sessions;

namespace Postern.Ldap.Server.Tests.Tls;

public class ClearPasswordTests
{
    [Theory]
    [InlineData(false, false, true, LdapResultCode.ConfidentialityRequired)]
    [InlineData(false, false, false, LdapResultCode.Success)]
    [InlineData(true, false, true, LdapResultCode.Success)]
    [InlineData(false, true, true, LdapResultCode.Success)]
    public async Task Password_in_clear_from_another_machine_is_refused(bool tls, bool loopback, bool required, LdapResultCode code)
    {
        FakeDirectory directory = new();
        ServerContext server = new(
            new LdapServerOptions { RequireTlsForPasswords = required },
            new FakeAuthenticator(directory, directory),
            Tls: null,
            NullLogger.Instance,
            TimeProvider.System,
            CancellationToken.None);
        using ResponseChannel channel = new(new Pipe().Writer, TimeSpan.FromSeconds(1), TimeProvider.System, _ => { });
        SessionContext session = new(server, new LdapPeer(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1), tls, loopback, null), channel, CancellationToken.None);
        Assert.Equal(code, (await BindStep.RunAsync(session, BindRequest.Simple(FakeAuthenticator.Admin, "secret"))).Code);
    }
}
