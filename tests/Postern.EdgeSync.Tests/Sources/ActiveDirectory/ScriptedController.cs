using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Postern.EdgeSync.Settings;
using Postern.Ldap;
using Postern.Ldap.Codec;

namespace Postern.EdgeSync.Tests.Sources.ActiveDirectory;

/// <summary>As much of a domain controller as the source asks for, and the faults that real ones have and Samba lacks. Speaks clear LDAP on loopback.</summary>
internal sealed class ScriptedController : IAsyncDisposable
{
    public const string BaseDn = "DC=lab,DC=example";
    private const string ServiceName = "CN=NTDS Settings,CN=DC1";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _sessions = [];
    private readonly Task _accepting;
    private int _usnAsked;

    public ScriptedController()
    {
        _listener.Start();
        _accepting = Task.Run(AcceptAsync);
    }

    public IReadOnlyList<string> Controls { get; init; } = [LdapOids.DirSync, LdapOids.ShowRecycled];

    /// <summary>highestCommittedUSN.</summary>
    public long Usn { get; set; } = 100;

    /// <summary>Times that the rootDSE was read.</summary>
    public int UsnAsked => Volatile.Read(ref _usnAsked);

    /// <summary>Answers every search but those of the rootDSE, the base and the NTDS settings.</summary>
    public required Func<LdapMessage, SearchRequest, IEnumerable<LdapMessage>> Search { get; init; }

    public SourceSettings Settings => new()
    {
        Name = "ad",
        Type = SourceType.ActiveDirectory,
        Urls = [$"ldap://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}"],
        BaseDn = BaseDn,
    };

    public static LdapMessage Entry(LdapMessage request, string cn, params LdapAttribute[] attributes) => new(
        request.MessageId,
        new SearchResultEntry(new LdapEntry($"CN={cn},{BaseDn}", [new LdapAttribute("objectGUID", IdOf(cn)), .. attributes])));

    public static byte[] IdOf(string cn) => [.. System.Text.Encoding.ASCII.GetBytes(cn.PadRight(16))];

    /// <summary>The end of the last page, and of a change set.</summary>
    public static LdapMessage Done(LdapMessage request, LdapResultCode code = LdapResultCode.Success) => new(
        request.MessageId,
        new SearchResultDone(new LdapResult(code, code == LdapResultCode.Success ? "" : "so it is")),
        [
            .. request.Controls.Where(control => control.Oid == LdapOids.PagedResults).Select(_ => PagedResultsControl.Create(0, default, critical: false)),
            .. request.Controls.Where(control => control.Oid == LdapOids.DirSync).Select(_ => DirSyncControl.CreateAnswer(new DirSyncAnswer(false, new byte[] { 1 }))),
        ]);

    public static LdapMessage DoneWithoutControls(LdapMessage request) => new(request.MessageId, new SearchResultDone(LdapResult.Success));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_sessions);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_stop.Token);
                _sessions.Add(Task.Run(() => ServeAsync(socket)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using NetworkStream stream = new(socket, ownsSocket: true);
        byte[] buffer = new byte[64 * 1024];
        int filled = 0;
        try
        {
            while (true)
            {
                while (LdapCodec.TryFrame(new ReadOnlySequence<byte>(buffer, 0, filled), LdapLimits.Default, out int length) == LdapFrameStatus.Complete)
                {
                    LdapMessage message = LdapCodec.Decode(buffer.AsSpan(0, length).ToArray(), LdapLimits.Default);
                    filled -= length;
                    buffer.AsSpan(length, filled).CopyTo(buffer);
                    ArrayBufferWriter<byte> answers = new();
                    foreach (LdapMessage answer in message.Operation is SearchRequest search ? Answer(message, search) : [])
                    {
                        LdapCodec.Encode(answer, answers);
                    }

                    await stream.WriteAsync(answers.WrittenMemory, _stop.Token);
                }

                int read = await stream.ReadAsync(buffer.AsMemory(filled), _stop.Token);
                if (read == 0)
                {
                    return;
                }

                filled += read;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The source has gone, or the test has ended.
        }
    }

    private IEnumerable<LdapMessage> Answer(LdapMessage message, SearchRequest search)
    {
        if (search.Scope != SearchScope.BaseObject || search.BaseDn is not ("" or ServiceName or BaseDn))
        {
            return Search(message, search);
        }

        if (search.BaseDn.Length == 0)
        {
            Interlocked.Increment(ref _usnAsked);
        }

        LdapEntry entry = new(search.BaseDn, search.BaseDn switch
        {
            "" =>
            [
                new LdapAttribute("namingContexts", BaseDn),
                new LdapAttribute("dsServiceName", ServiceName),
                new LdapAttribute("highestCommittedUSN", Usn.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                new LdapAttribute("supportedControl", [.. Controls]),
            ],
            ServiceName => [new LdapAttribute("invocationId", new byte[16])],
            _ => [],
        });
        return [new LdapMessage(message.MessageId, new SearchResultEntry(entry)), DoneWithoutControls(message)];
    }
}
