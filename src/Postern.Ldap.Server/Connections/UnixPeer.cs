using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Postern.Ldap.Server;

/// <summary>The process at the other end of a Unix socket, as the kernel knows it: what it was when it connected.</summary>
public sealed class UnixPeer(int processId, uint userId, uint groupId) : EndPoint
{
    // unix(7), socket(7): struct ucred { pid_t pid; uid_t uid; gid_t gid; }, asked for with SO_PEERCRED. Linux only.
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private const int UserIdOffset = 4;
    private const int GroupIdOffset = 8;
    private const int UcredBytes = 12;

    public int ProcessId { get; } = processId;

    public uint UserId { get; } = userId;

    public uint GroupId { get; } = groupId;

    public override AddressFamily AddressFamily => AddressFamily.Unix;

    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"unix:pid={ProcessId},uid={UserId}");

    /// <exception cref="SocketException">The connection is gone.</exception>
    internal static UnixPeer Of(Socket socket)
    {
        Span<byte> ucred = stackalloc byte[UcredBytes];
        int length = socket.GetRawSocketOption(SolSocket, SoPeerCred, ucred);
        return length == UcredBytes
            ? new UnixPeer(Number(ucred, 0), (uint)Number(ucred, UserIdOffset), (uint)Number(ucred, GroupIdOffset))
            : throw new SocketException((int)SocketError.NotSocket);
    }

    private static int Number(ReadOnlySpan<byte> ucred, int offset) => BitConverter.IsLittleEndian
        ? BinaryPrimitives.ReadInt32LittleEndian(ucred[offset..])
        : BinaryPrimitives.ReadInt32BigEndian(ucred[offset..]);
}
