using System.Buffers;
using System.Net.Sockets;
using Postern.Ldap.Codec;

namespace Postern.Ldap.Client.Connecting;

/// <summary>StartTLS, RFC 4511 section 4.14, as the very first exchange and before any reader exists that could hold on to octets:
/// whatever was received in clear cannot be taken for something said under TLS.</summary>
internal static class StartTls
{
    /// <summary>The message id used here; the session goes on from the next.</summary>
    public const int MessageId = 1;

    /// <summary>An answer to StartTLS is some 40 octets; what is far larger is none. Octets.</summary>
    private const int MaxAnswerBytes = 16 * 1024;

    public static async Task RequestAsync(Socket socket, Stream stream, LdapEndpoint endpoint, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(LdapCodec.Encode(new LdapMessage(MessageId, new ExtendedRequest(LdapOids.StartTls))), cancellationToken).ConfigureAwait(false);
        LdapLimits limits = LdapLimits.Default with { MaxMessageBytes = MaxAnswerBytes };
        byte[] buffer = new byte[MaxAnswerBytes];
        int filled = 0;
        while (true)
        {
            LdapFrameStatus status = LdapCodec.TryFrame(new ReadOnlySequence<byte>(buffer, 0, filled), limits, out int length);
            if (status == LdapFrameStatus.Complete)
            {
                // The server must now wait for our ClientHello: any further octet is not from a server that plays by the rules.
                if (filled > length || socket.Available > 0)
                {
                    throw LdapFailures.StartTlsInjection(endpoint);
                }

                Check(LdapCodec.Decode(buffer.AsMemory(0, length), limits), endpoint);
                return;
            }

            if (status != LdapFrameStatus.Incomplete)
            {
                throw LdapFailures.Protocol(endpoint, "the answer to StartTLS is not an LDAP message");
            }

            int read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw LdapFailures.StartTlsRefused(endpoint, "the server closed the connection instead of answering");
            }

            filled += read;
        }
    }

    private static void Check(LdapMessage message, LdapEndpoint endpoint)
    {
        if (message is { MessageId: 0, Operation: ExtendedResponse { Name: LdapOids.NoticeOfDisconnection } notice })
        {
            throw LdapFailures.Notice(endpoint, notice.Result);
        }

        if (message.MessageId != MessageId || message.Operation is not ExtendedResponse answer)
        {
            throw LdapFailures.Protocol(endpoint, $"StartTLS was answered by {message.Operation.GetType().Name} with id {message.MessageId}");
        }

        if (!answer.Result.IsSuccess)
        {
            throw LdapFailures.StartTlsRefused(endpoint, new LdapException(answer.Result, "the server said").Message);
        }
    }
}
