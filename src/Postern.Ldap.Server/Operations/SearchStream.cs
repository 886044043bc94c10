using System.Buffers;
using Postern.Ldap.Codec;
using Postern.Ldap.Server.Connections;

namespace Postern.Ldap.Server.Operations;

/// <summary>One search: pulls entries, sends them in batches, ends with SearchResultDone. The directory is asked for no more than
/// the peer takes: a batch is sent before the next entry is pulled.</summary>
internal sealed class SearchStream(OperationInFlight operation, SearchRequest request, IDirectory directory, ResponseChannel channel, TimeProvider time)
{
    /// <summary>Octets of encoded entries that leave in one flush: two TLS records, some hundred small entries.</summary>
    private const int BatchBytes = 32 * 1024;

    /// <summary>A lookup's one entry and its done fit.</summary>
    private const int FirstBytes = 1024;

    /// <summary>Longer limits than a timer can hold are none. Seconds; 24 days.</summary>
    private const int LongestTimeLimit = 24 * 24 * 60 * 60;

    private readonly ArrayBufferWriter<byte> _batch = new(FirstBytes);

    /// <summary>Sends all but the done message.</summary>
    /// <returns>The result for it; the rest of the entries is in <see cref="Rest"/> and belongs before it.</returns>
    /// <exception cref="OperationCanceledException">Abandoned, or the connection is gone.</exception>
    public async Task<LdapResult> RunAsync()
    {
        using CancellationTokenSource? limit = request.TimeLimit is > 0 and < LongestTimeLimit
            ? new CancellationTokenSource(TimeSpan.FromSeconds(request.TimeLimit), time)
            : null;
        using CancellationTokenRegistration registration =
            limit?.Token.Register(() => operation.StopWith(LdapResultCode.TimeLimitExceeded)) ?? default;
        try
        {
            return await StreamAsync().ConfigureAwait(false);
        }
        catch (Exception) when (!operation.IsSilent && operation.StoppedWith is not null)
        {
            return operation.StoppedWith == LdapResultCode.TimeLimitExceeded
                ? new LdapResult(LdapResultCode.TimeLimitExceeded, $"the time limit of {request.TimeLimit} s has passed")
                : new LdapResult(LdapResultCode.Canceled);
        }
    }

    /// <summary>Encoded entries not sent yet, with the done message once <see cref="Finish"/> was called.</summary>
    public ReadOnlyMemory<byte> Rest => _batch.WrittenMemory;

    public void Finish(LdapResult result) => LdapCodec.Encode(new LdapMessage(operation.MessageId, new SearchResultDone(result)), _batch);

    private async Task<LdapResult> StreamAsync()
    {
        IAsyncEnumerator<LdapEntry> entries = directory.SearchAsync(request, operation.Token).GetAsyncEnumerator(operation.Token);
        await using (entries.ConfigureAwait(false))
        {
            int count = 0;
            while (true)
            {
                ValueTask<bool> next = entries.MoveNextAsync();
                if (!next.IsCompleted && _batch.WrittenCount > 0)
                {
                    // Entries that a slow directory has found need not wait for the next; one that is just about to deliver gets its chance.
                    await Task.Yield();
                    if (!next.IsCompleted)
                    {
                        await SendBatchAsync().ConfigureAwait(false);
                    }
                }

                if (!await next.ConfigureAwait(false))
                {
                    return LdapResult.Success;
                }

                operation.Token.ThrowIfCancellationRequested();
                if (request.SizeLimit > 0 && count == request.SizeLimit)
                {
                    return new LdapResult(LdapResultCode.SizeLimitExceeded, $"more than the {request.SizeLimit} entries asked for");
                }

                count++;
                LdapEntry entry = request.TypesOnly ? WithoutValues(entries.Current) : entries.Current;
                LdapCodec.Encode(new LdapMessage(operation.MessageId, new SearchResultEntry(entry)), _batch);
                if (_batch.WrittenCount >= BatchBytes)
                {
                    await SendBatchAsync().ConfigureAwait(false);
                }
            }
        }
    }

    private async ValueTask SendBatchAsync()
    {
        operation.Token.ThrowIfCancellationRequested();
        bool sent = await channel.SendAsync(_batch.WrittenMemory).ConfigureAwait(false);
        _batch.ResetWrittenCount();
        if (!sent)
        {
            throw new OperationCanceledException("the connection is gone");
        }
    }

    private static LdapEntry WithoutValues(LdapEntry entry) =>
        new(entry.Dn, [.. entry.Attributes.Select(a => new LdapAttribute(a.Description, Array.Empty<ReadOnlyMemory<byte>>()))]);
}
