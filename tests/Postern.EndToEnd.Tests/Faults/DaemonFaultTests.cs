using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Faults;

/// <summary>What keeps a daemon from starting, and how it ends.</summary>
public sealed class DaemonFaultTests
{
    [Fact]
    public async Task A_port_in_use_is_named_and_leaves_nothing_running()
    {
        using TempFolder folder = new();
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        string address = taken.LocalEndpoint.ToString()!;

        CommandResult result = await PosternProgram.RunAsync(
            "edge", "run", "--data", folder["edge"], "--fqdn", "edge1.example.net", "--ldaps", address, "--ldap", "127.0.0.1:0");

        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains(address, result.Error, StringComparison.Ordinal);
        Assert.Contains("hint:", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_daemon_on_the_same_folder_is_refused()
    {
        using TempFolder folder = new();
        await using DaemonProcess edge = await DaemonProcess.StartEdgeAsync(folder["edge"]);

        CommandResult second = await PosternProgram.RunAsync(
            "edge", "run", "--data", folder["edge"], "--fqdn", "edge1.example.net", "--ldaps", "127.0.0.1:0", "--ldap", "127.0.0.1:0");
        JsonElement status = await PosternProgram.JsonAsync(0, "status", "--data", folder["edge"]);

        Assert.True(second.ExitCode == 1, second.ToString());
        Assert.Contains("another daemon", second.Error, StringComparison.Ordinal);
        Assert.Equal("edge", status.GetProperty("side").GetString());
    }

    [Fact]
    public async Task A_folder_of_the_other_side_is_refused()
    {
        using TempFolder folder = new();
        string ldif = folder.Write("a.ldif", "dn: cn=a\ncn: a\nmail: a@example.com\n");
        string config = folder.Write("hub.json", $$"""{ "site": "s", "sources": [ { "name": "a", "type": "ldif", "path": "{{ldif}}" } ] }""");
        await using (DaemonProcess edge = await DaemonProcess.StartEdgeAsync(folder["edge"]))
        {
            Assert.Equal(0, await edge.StopAsync());
        }

        CommandResult result = await PosternProgram.RunAsync("hub", "run", "--data", folder["edge"], "--fqdn", "hub1.example.com", "--config", config);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("of an edge", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sigterm_ends_a_daemon_in_order_and_kill_does_not_stop_it_from_starting_again()
    {
        using TempFolder folder = new();
        await using (DaemonProcess edge = await DaemonProcess.StartEdgeAsync(folder["edge"]))
        {
            await edge.KillAsync();
            Assert.True(File.Exists(folder["edge", "private", "control.sock"]));
        }

        await using DaemonProcess again = await DaemonProcess.StartEdgeAsync(folder["edge"]);
        int exitCode = await again.StopAsync();

        Assert.Equal(0, exitCode);
        Assert.Single(again.Events(4011));
        Assert.False(File.Exists(folder["edge", "private", "control.sock"]));
        Assert.False(File.Exists(folder["edge", "socketmap.sock"]));
    }

    [Fact]
    public async Task Every_line_of_the_log_is_a_json_object_with_an_event_id()
    {
        using TempFolder folder = new();
        await using DaemonProcess edge = await DaemonProcess.StartEdgeAsync(folder["edge"]);
        await PosternProgram.RunAsync("subscription", "show", "nobody", "--data", folder["edge"]);
        await edge.StopAsync();

        string[] lines = edge.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line =>
        {
            using JsonDocument document = JsonDocument.Parse(line);
            Assert.True(document.RootElement.GetProperty("event").GetInt32() > 0);
            Assert.Equal(TimeSpan.Zero, document.RootElement.GetProperty("time").GetDateTimeOffset().Offset);
        });
    }

    [Fact]
    public async Task The_private_folder_is_private_and_the_outer_one_lets_postfix_through()
    {
        using TempFolder folder = new();
        await using DaemonProcess edge = await DaemonProcess.StartEdgeAsync(folder["edge"]);

        Assert.Equal(Convert.ToInt32("711", 8), (int)File.GetUnixFileMode(folder["edge"]));
        Assert.Equal(Convert.ToInt32("700", 8), (int)File.GetUnixFileMode(folder["edge", "private"]));
        Assert.Equal(Convert.ToInt32("666", 8), (int)File.GetUnixFileMode(folder["edge", "socketmap.sock"]));
    }

    [Fact]
    public async Task A_strict_umask_does_not_lock_postfix_out()
    {
        using TempFolder folder = new();
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();

        // The port ends the daemon after its folder was made.
        await PosternProgram.RunWithUmaskAsync(
            "077", "edge", "run", "--data", folder["edge"], "--fqdn", "edge1.example.net", "--ldaps", taken.LocalEndpoint.ToString()!, "--ldap", "127.0.0.1:0");

        Assert.Equal(Convert.ToInt32("711", 8), (int)File.GetUnixFileMode(folder["edge"]));
        Assert.Equal(Convert.ToInt32("700", 8), (int)File.GetUnixFileMode(folder["edge", "private"]));
    }

    [Fact]
    public async Task A_folder_that_somebody_closed_to_postfix_is_warned_about()
    {
        using TempFolder folder = new();
        System.IO.Directory.CreateDirectory(folder["edge"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using DaemonProcess edge = await DaemonProcess.StartEdgeAsync(folder["edge"]);

        Assert.Contains("chmod 711", Assert.Single(edge.Events(4003)).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("POST /v1/status HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n{")]
    [InlineData("POST /v1/recipient/lookup HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("\0\u0001\u0002 no protocol at all\r\n\r\n")]
    public async Task Garbage_on_the_control_socket_ends_nothing(string garbage)
    {
        using TempFolder folder = new();
        await using DaemonProcess edge = await DaemonProcess.StartEdgeAsync(folder["edge"]);
        using (Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(folder["edge", "private", "control.sock"]));
            await socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(garbage));
            byte[] answer = new byte[64];
            int count = await socket.ReceiveAsync(answer);
            Assert.Contains(" 400", System.Text.Encoding.ASCII.GetString(answer, 0, count), StringComparison.Ordinal);
        }

        JsonElement status = await PosternProgram.JsonAsync(0, "status", "--data", folder["edge"]);
        Assert.Equal(edge.LdapsPort.ToString(CultureInfo.InvariantCulture), status.GetProperty("listeners").GetProperty("ldaps").GetString()!.Split(':')[1]);
    }
}
