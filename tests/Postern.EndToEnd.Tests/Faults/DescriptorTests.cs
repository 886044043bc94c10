using System.Net;
using System.Net.Sockets;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Faults;

/// <summary>An edge that may have few files open: a crowd cannot take the last descriptor from it, which the runtime would not survive.</summary>
public sealed class DescriptorTests
{
    private const int FewDescriptors = 4004;

    /// <summary>What a .NET process with SQLite and four listeners holds open is some 150; this is little more.</summary>
    private const int MaxFiles = 256;

    [SkippableFact]
    public async Task Crowd_of_connections_leaves_the_edge_its_descriptors()
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        using TempFolder folder = new(shared: true);
        await using DaemonProcess edge = await DaemonProcess.StartEdgeAsync(folder["edge"], maxFiles: MaxFiles);
        Assert.Equal(MaxFiles, Assert.Single(edge.Events(FewDescriptors)).GetProperty("fields").GetProperty("descriptors").GetInt32());
        List<Socket> crowd = [];
        try
        {
            // The kernel completes what the edge does not take, up to its backlog. Of one address no more are taken than its own limit.
            for (int i = 0; i < MaxFiles + 40; i++)
            {
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                crowd.Add(socket);
                socket.Bind(new IPEndPoint(IPAddress.Parse($"127.0.1.{1 + (i / 50)}"), 0));
                await socket.ConnectAsync(IPAddress.Loopback, edge.LdapPort);
            }

            // Verbs come in on a socket of their own, and need descriptors too.
            await PosternProgram.MustAsync("status", "--data", edge.DataFolder);
        }
        finally
        {
            crowd.ForEach(socket => socket.Dispose());
        }

        await PosternProgram.MustAsync("directory", "check", "--data", edge.DataFolder);
        Assert.Equal(0, await edge.StopAsync());
    }
}
