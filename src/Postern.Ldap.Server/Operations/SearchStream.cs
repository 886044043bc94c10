using System.Buffers;
using Postern.Ldap.Codec;
using Postern.Ldap.Server.Connections;

namespace Postern.Ldap.Server.Operations;

/// <summary>One search: takes what the directory finds, sends it in batches, ends with SearchResultDone. The directory is held up as
/// long as the peer does not take what was found before.</summary>
/// <remarks>Sizes, types only and the rest of the request are the directory's to obey; the time limit is watched here too, because
/// only here it is known how long a peer takes to read.</remarks>
#pragma warning disable CA1001 // The semaphore makes no wait handle, and a late timer may still ask it.
internal sealed class SearchStream(
    OperationInFlight operation, SearchRequest request, IReadOnlyList<LdapControl> controls, IControlledDirectory directory, ResponseChannel channel, TimeProvider time,
    ArrayBufferWriter<byte> batch)
    : ISearchSink
#pragma warning restore CA1001
{
    /// <summary>Octets of encoded entries that leave in one flush: two TLS records, some hundred small entries.</summary>
    private const int BatchBytes = 32 * 1024;

    /// <summary>Longer limits than a timer can hold are none. Seconds; 24 days.</summary>
    private const int LongestTimeLimit = 24 * 24 * 60 * 60;

    /// <summary>How long an entry waits for more to leave with, once the search has begun to wait for something.</summary>
    private static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(2);

    private readonly ArrayBufferWriter<byte> _batch = batch;
    private readonly SemaphoreSlim _turn = new(1);
    private ITimer? _gather;

    /// <summary>Sends all but the done message.</summary>
    /// <returns>The answer for it; the rest of the entries is in <see cref="Rest"/> and belongs before it.</returns>
    /// <exception cref="OperationCanceledException">Abandoned, or the connection is gone.</exception>
    public async Task<LdapAnswer> RunAsync()
    {
        using CancellationTokenSource? limit = request.TimeLimit is > 0 and < LongestTimeLimit && !IsSynchronization
            ? new CancellationTokenSource(TimeSpan.FromSeconds(request.TimeLimit), time)
            : null;
        using CancellationTokenRegistration registration =
            limit?.Token.Register(() => operation.StopWith(LdapResultCode.TimeLimitExceeded)) ?? default;
        try
        {
            Task<LdapAnswer> search = directory.SearchAsync(request, controls, this, operation.Token);
            return search.IsCompleted ? await search.ConfigureAwait(false) : await FollowAsync(search).ConfigureAwait(false);
        }
        catch (Exception) when (!operation.IsSilent && operation.StoppedWith is { } code)
        {
            return new LdapAnswer(code == LdapResultCode.TimeLimitExceeded
                ? new LdapResult(code, $"the time limit of {request.TimeLimit} s has passed")
                : new LdapResult(code));
        }
    }

    /// <summary>Encoded entries not sent yet, with the done message once <see cref="Finish"/> was called.</summary>
    public ReadOnlyMemory<byte> Rest => _batch.WrittenMemory;

    public void Finish(LdapAnswer answer) => LdapCodec.Encode(new LdapMessage(operation.MessageId, new SearchResultDone(answer.Result), answer.Controls), _batch);

    public ValueTask EntryAsync(LdapEntry entry, IReadOnlyList<LdapControl> entryControls) =>
        AddAsync(new LdapMessage(operation.MessageId, new SearchResultEntry(entry), entryControls));

    public ValueTask IntermediateAsync(IntermediateResponse response) => AddAsync(new LdapMessage(operation.MessageId, response));

    /// <summary>RFC 4533 section 3: the limit is for the refresh, which only the directory can tell from what comes after it.</summary>
    private bool IsSynchronization => controls.Any(c => c.Oid == LdapOids.SyncRequest);

    /// <summary>A search that waits: what it has found meanwhile must not wait with it.</summary>
    private async Task<LdapAnswer> FollowAsync(Task<LdapAnswer> search)
    {
        ITimer gather = time.CreateTimer(_ => _ = SendGatheredAsync(), null, GatherTime, Timeout.InfiniteTimeSpan);
        Volatile.Write(ref _gather, gather);
        try
        {
            return await search.ConfigureAwait(false);
        }
        finally
        {
            await gather.DisposeAsync().ConfigureAwait(false);
            await _turn.WaitAsync().ConfigureAwait(false); // for a batch on its way; nobody gets a turn after this
        }
    }

    private async ValueTask AddAsync(LdapMessage message)
    {
        operation.Token.ThrowIfCancellationRequested();
        if (!_turn.Wait(0, CancellationToken.None))
        {
            await _turn.WaitAsync().ConfigureAwait(false);
        }

        try
        {
            bool first = _batch.WrittenCount == 0;
            LdapCodec.Encode(message, _batch);
            if (_batch.WrittenCount >= BatchBytes)
            {
                await SendBatchAsync().ConfigureAwait(false);
            }
            else if (first)
            {
                Volatile.Read(ref _gather)?.Change(GatherTime, Timeout.InfiniteTimeSpan);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task SendGatheredAsync()
    {
        if (!_turn.Wait(0, CancellationToken.None))
        {
            Volatile.Read(ref _gather)?.Change(GatherTime, Timeout.InfiniteTimeSpan);
            return;
        }

        try
        {
            if (_batch.WrittenCount > 0)
            {
                await SendBatchAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The search sees it at its next entry, or by its token.
        }
        finally
        {
            _turn.Release();
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
}
