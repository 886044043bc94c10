using System.Text;
using Postern.Mail;

namespace Postern.Transport;

/// <summary>What a lookup came to, before it is written as a reply.</summary>
internal enum SocketmapOutcome
{
    Found,
    NotFound,

    /// <summary>No complete synchronization yet.</summary>
    NotReady,

    /// <summary>The client asked for something that there is not.</summary>
    Refused,
}

internal readonly record struct SocketmapReply(SocketmapOutcome Outcome, string Text);

/// <summary>The maps behind the server, socketmap_table(5): a request is <c>NAME KEY</c>, a reply <c>OK</c>, <c>NOTFOUND</c>, <c>TEMP</c> or <c>PERM</c>
/// with a text.</summary>
/// <param name="recipientDelimiter">See <see cref="SocketmapOptions.RecipientDelimiter"/>.</param>
internal sealed class SocketmapMaps(RecipientLookup lookup, string recipientDelimiter)
{
    /// <summary>For relay_recipient_maps: whole addresses, and <c>@domain</c>.</summary>
    public const string Recipients = "recipients";

    /// <summary>For relay_domains: domains, and <c>.domain</c> for its subdomains.</summary>
    public const string Domains = "domains";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly SocketmapReply NotFound = new(SocketmapOutcome.NotFound, "NOTFOUND ");

    public async ValueTask<SocketmapReply> AnswerAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        int blank = request.Span.IndexOf((byte)' ');
        ReadOnlyMemory<byte> map = request[..Math.Max(blank, 0)];
        bool recipients = map.Span.SequenceEqual("recipients"u8);
        if (!recipients && !map.Span.SequenceEqual("domains"u8))
        {
            return new SocketmapReply(SocketmapOutcome.Refused, $"PERM the maps here are '{Recipients}' and '{Domains}'; a request is MAP KEY");
        }

        string key;
        try
        {
            key = StrictUtf8.GetString(request.Span[(blank + 1)..]);
        }
        catch (DecoderFallbackException)
        {
            // What is not UTF-8 is in no directory (RFC 6531 section 3.3).
            return NotFound;
        }

        if (!recipients)
        {
            // A match list may also be asked for whole addresses; no domain has an @.
            return key.Contains('@', StringComparison.Ordinal) ? NotFound : Reply(await lookup.FindDomainAsync(key, cancellationToken).ConfigureAwait(false));
        }

        return key.IndexOf('@', StringComparison.Ordinal) switch
        {
            // A bare local part: only local(8) has such recipients.
            < 0 => NotFound,
            0 => OnlyRelayed(await lookup.FindDomainAsync(key[1..], cancellationToken).ConfigureAwait(false)),
            _ => await FindRecipientAsync(key, cancellationToken).ConfigureAwait(false),
        };
    }

    private async ValueTask<SocketmapReply> FindRecipientAsync(string address, CancellationToken cancellationToken)
    {
        LookupAnswer answer = await lookup.FindAsync(address, cancellationToken).ConfigureAwait(false);
        if (answer.Verdict == LookupVerdict.Unknown && recipientDelimiter.Length > 0)
        {
            int at = address.LastIndexOf('@');
            int delimiter = address.AsSpan(0, at).IndexOfAny(recipientDelimiter);
            if (delimiter > 0)
            {
                answer = await lookup.FindAsync(string.Concat(address.AsSpan(0, delimiter), address.AsSpan(at)), cancellationToken).ConfigureAwait(false);
            }
        }

        return Reply(answer.Verdict, answer.Reason, answer.Domain);
    }

    private static SocketmapReply Reply(DomainAnswer answer) => Reply(answer.Verdict, answer.Reason, answer.Domain);

    /// <summary><c>@domain</c> stands for every address of the domain, so it is found only where every address is accepted.</summary>
    private static SocketmapReply OnlyRelayed(DomainAnswer answer) =>
        answer.Domain is { Type: AcceptedDomainType.Authoritative } ? NotFound : Reply(answer);

    // Postfix looks only at whether there is a value; the type tells people who run postmap -q something.
    private static SocketmapReply Reply(LookupVerdict verdict, string reason, AcceptedDomain? domain) => verdict switch
    {
        LookupVerdict.Known => new SocketmapReply(SocketmapOutcome.Found, Found[(int)domain!.Type]),
        LookupVerdict.NotReady => new SocketmapReply(SocketmapOutcome.NotReady, $"TEMP {reason}"),
        _ => NotFound,
    };

    private static readonly string[] Found =
    [
        .. new[] { AcceptedDomainType.Authoritative, AcceptedDomainType.InternalRelay, AcceptedDomainType.ExternalRelay }
            .Select(type => $"OK {AcceptedDomain.TypeName(type)}"),
    ];
}
