using System.Runtime.CompilerServices;

namespace Postern.Ldap.Client.Wire;

/// <summary>One search with its controls as a stream of messages; the last one is its SearchResultDone.</summary>
/// <param name="referenceSeen">Called for each search reference.</param>
internal sealed class MessageStream(LdapWire wire, SearchRequest request, IReadOnlyList<LdapControl> controls, SearchSilence silence, Action referenceSeen)
{
    private readonly LdapWire _wire = wire;
    private readonly SearchSilence _silence = silence;
    private readonly Action _referenceSeen = referenceSeen;
    private readonly AnswerBuffer _buffer = new(wire.Options.SearchBufferBytes);

    public async IAsyncEnumerable<LdapMessage> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Answers answers = new(this) { IsOwed = !_silence.RestsAtOnce };
        _wire.Send(request, controls, answers);
        try
        {
            while (await _buffer.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                while (_buffer.TryTake(out AnswerBuffer.Batch batch))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    foreach (LdapMessage message in batch.Messages)
                    {
                        yield return message;
                    }

                    _buffer.Consumed(batch.Octets);
                }
            }
        }
        finally
        {
            _wire.Abandon(answers); // of no effect once the end has come
            _buffer.Discard();
        }
    }

    private sealed class Answers(MessageStream stream) : PendingOperation
    {
        public override bool IsEnd(LdapMessage message) => message.Operation is SearchResultDone;

        public override bool RestsAfter(LdapMessage message) => stream._silence.RestsAfter(message);

        public override void Accept(LdapMessage message, int octets)
        {
            if (message.Operation is not (SearchResultEntry or SearchResultReference or IntermediateResponse or SearchResultDone))
            {
                throw new LdapProtocolException($"message {message.MessageId}: {message.Operation.GetType().Name} in answer to a search");
            }

            if (stream._buffer.Add(message, octets))
            {
                stream._wire.Reader.Opened(stream._buffer);
            }

            if (message.Operation is SearchResultReference)
            {
                stream._referenceSeen();
            }
            else if (message.Operation is SearchResultDone)
            {
                stream._buffer.HandOver();
                stream._buffer.Complete(null);
            }
        }

        public override void Fail(LdapConnectionException failure) => stream._buffer.Complete(failure.Again());
    }
}
