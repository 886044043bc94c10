using System.Net;
using System.Net.Sockets;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Faults;

/// <summary>An edge that has no file descriptor left: it does not end, and takes connections again when it has some.</summary>
public sealed class DescriptorTests
{
    private const int CannotAccept = 3004;
    private const int AcceptingAgain = 3005;

    /// <summary>What a .NET process with SQLite and four listeners holds open is some 150; this is little more.</summary>
    private const int MaxFiles = 256;

    [SkippableFact]
    public async Task Edge_without_descriptors_waits_and_comes_back()
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        using TempFolder folder = new(shared: true);
        await using DaemonProcess edge = await DaemonProcess.StartEdgeAsync(folder["edge"], maxFiles: MaxFiles);
        List<Socket> crowd = [];
        try
        {
            // Of one address no more are taken than the limit per address.
            for (int i = 0; i < MaxFiles + 40; i++)
            {
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                crowd.Add(socket);
                socket.Bind(new IPEndPoint(IPAddress.Parse($"127.0.1.{1 + (i / 50)}"), 0));
                await socket.ConnectAsync(IPAddress.Loopback, edge.LdapPort);
            }

            await Eventually.TrueAsync(() => edge.Events(CannotAccept).Any(), () => null);
        }
        finally
        {
            crowd.ForEach(socket => socket.Dispose());
        }

        await Eventually.TrueAsync(() => edge.Events(AcceptingAgain).Any(), () => null);
        Assert.InRange(edge.Events(CannotAccept).Count(), 1, 20); // said once per shortage, not at every attempt
        await PosternProgram.MustAsync("status", "--data", edge.DataFolder);
        Assert.Equal(0, await edge.StopAsync());
    }
}
