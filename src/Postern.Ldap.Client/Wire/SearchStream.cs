using System.Runtime.CompilerServices;

namespace Postern.Ldap.Client.Wire;

/// <summary>One search, in one piece or page by page (RFC 2696), as a stream of entries.</summary>
/// <param name="pageSize">Entries per page, or null for a search in one piece.</param>
/// <param name="pagingOffered">An answer without the paged results control fails.</param>
/// <param name="referenceSeen">Called for each search reference.</param>
internal sealed class SearchStream(LdapWire wire, SearchRequest request, int? pageSize, bool pagingOffered, Action referenceSeen)
{
    private readonly LdapWire _wire = wire;
    private readonly Action _referenceSeen = referenceSeen;
    private readonly AnswerBuffer _buffer = new(wire.Options.SearchBufferBytes);
    private readonly Lock _gate = new();
    private Piece? _current;
    private ReadOnlyMemory<byte>? _heldBackCookie;
    private bool _stopped;
    private bool _laterPage;

    public async IAsyncEnumerable<LdapEntry> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        long most = request.Scope == SearchScope.BaseObject ? 1 : _wire.Options.MaxSearchEntries;
        lock (_gate)
        {
            Ask(ReadOnlyMemory<byte>.Empty);
        }

        try
        {
            while (await _buffer.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                while (_buffer.TryTake(out AnswerBuffer.Batch batch))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    foreach (LdapMessage message in batch.Messages)
                    {
                        if (--most < 0)
                        {
                            throw TooMany();
                        }

                        yield return ((SearchResultEntry)message.Operation).Entry;
                    }

                    _buffer.Consumed(batch.Octets);
                    AskHeldBack();
                }
            }
        }
        finally
        {
            Stop();
        }
    }

    private LdapException TooMany() => new(
        LdapResultCode.ProtocolError,
        request.Scope == SearchScope.BaseObject
            ? $"search of '{request.BaseDn}': the server sent several entries for one"
            : $"search under '{request.BaseDn}': the server sent more than {_wire.Options.MaxSearchEntries} entries (MaxSearchEntries)");

    private void Ask(ReadOnlyMemory<byte> cookie)
    {
        IReadOnlyList<LdapControl> controls = pageSize is { } size ? [PagedResultsControl.Create(size, cookie, critical: false)] : [];
        _current = new Piece(this);
        _wire.Send(request, controls, _current);
    }

    /// <summary>Read loop: a page, or the whole, is complete.</summary>
    private void PieceDone(LdapResult result, IReadOnlyList<LdapControl> controls)
    {
        ReadOnlyMemory<byte> cookie = ReadOnlyMemory<byte>.Empty;
        LdapException? failure = result.IsSuccess ? null : new LdapException(result, $"search under '{request.BaseDn}'");
        if (result.IsSuccess && pageSize is not null)
        {
            if (controls.FirstOrDefault(c => c.Oid == LdapOids.PagedResults) is { } control)
            {
                cookie = PagedResultsControl.Decode(control).Cookie;
            }
            else if (pagingOffered || _laterPage)
            {
                failure = new LdapException(
                    LdapResultCode.ProtocolError,
                    $"search under '{request.BaseDn}': the server offers paging and answered a page without its control: there may be more than it sent");
            }
        }

        // The consumer must see a page's entries before it can see the end.
        _buffer.HandOver();
        lock (_gate)
        {
            _current = null;
            if (_stopped)
            {
                return;
            }

            if (cookie.IsEmpty)
            {
                // No cookie, or no control at all: a server that does not know paging has sent everything in one piece.
                _buffer.Complete(failure);
            }
            else if (_buffer.HasRoom)
            {
                // At once, while the consumer still works on this page: the server then never waits for us.
                AskAgain(cookie);
            }
            else
            {
                // A slow consumer: leave the connection to others instead of filling it with pages nobody takes.
                _heldBackCookie = cookie;
            }
        }
    }

    private void AskHeldBack()
    {
        if (pageSize is null)
        {
            return;
        }

        lock (_gate)
        {
            if (_heldBackCookie is { } cookie && _buffer.HasRoom)
            {
                _heldBackCookie = null;
                AskAgain(cookie);
            }
        }
    }

    private void AskAgain(ReadOnlyMemory<byte> cookie)
    {
        _laterPage = true;
        try
        {
            Ask(cookie);
        }
        catch (LdapConnectionException e)
        {
            _buffer.Complete(e);
        }
    }

    private void Stop()
    {
        Piece? unfinished;
        lock (_gate)
        {
            _stopped = true;
            unfinished = _current;
            _current = null;
        }

        if (unfinished is not null)
        {
            _wire.Abandon(unfinished);
        }

        _buffer.Discard();
    }

    /// <summary>One SearchRequest and its answers.</summary>
    private sealed class Piece(SearchStream stream) : PendingOperation
    {
        public override bool IsEnd(LdapMessage message) => message.Operation is SearchResultDone;

        public override void Accept(LdapMessage message, int octets)
        {
            switch (message.Operation)
            {
                case SearchResultEntry:
                    if (stream._buffer.Add(message, octets))
                    {
                        stream._wire.Reader.Opened(stream._buffer);
                    }

                    break;
                case SearchResultReference:
                    stream._referenceSeen();
                    break;
                case IntermediateResponse:
                    break;
                case SearchResultDone done:
                    stream.PieceDone(done.Result, message.Controls);
                    break;
                default:
                    throw new LdapProtocolException($"message {message.MessageId}: {message.Operation.GetType().Name} in answer to a search");
            }
        }

        public override void Fail(LdapConnectionException failure) => stream._buffer.Complete(failure.Again());
    }
}
