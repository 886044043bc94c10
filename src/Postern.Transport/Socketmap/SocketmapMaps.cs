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
internal sealed class SocketmapMaps(RecipientLookup lookup)
{
    /// <summary>For relay_recipient_maps: whole addresses that anybody may write to, and <c>@domain</c>.</summary>
    public const string Recipients = "recipients";

    /// <summary>The same with those that take mail from inside only: for a Postfix that asks <see cref="Access"/> too.</summary>
    public const string AllRecipients = "allRecipients";

    /// <summary>For check_recipient_access: refuses those that take mail from inside only, and says nothing of anybody else.</summary>
    public const string Access = "access";

    /// <summary>For relay_domains: domains, and <c>.domain</c> for its subdomains.</summary>
    public const string Domains = "domains";

    /// <summary>An action of access(5). 5.7.1 is "delivery not authorized", RFC 3463 section 3.8.</summary>
    private const string InsideOnly = "OK 550 5.7.1 recipient accepts mail from inside only";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly SocketmapReply NotFound = new(SocketmapOutcome.NotFound, "NOTFOUND ");

    private enum Map
    {
        None,
        Recipients,
        AllRecipients,
        Access,
        Domains,
    }

    public async ValueTask<SocketmapReply> AnswerAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        int blank = request.Span.IndexOf((byte)' ');
        Map map = MapOf(request.Span[..Math.Max(blank, 0)]);
        if (map == Map.None)
        {
            return new SocketmapReply(
                SocketmapOutcome.Refused, $"PERM the maps here are '{Recipients}', '{AllRecipients}', '{Access}' and '{Domains}'; a request is MAP KEY");
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

        int at = key.IndexOf('@', StringComparison.Ordinal);
        return map switch
        {
            // A match list may also be asked for whole addresses; no domain has an @.
            Map.Domains => at >= 0 ? NotFound : Reply(await lookup.FindDomainAsync(key, cancellationToken).ConfigureAwait(false)),

            // access(5) is asked for the address, then for its domain and its local part with an @ behind.
            Map.Access => at <= 0 || at == key.Length - 1 ? NotFound : Access550(await lookup.FindAsync(key, cancellationToken).ConfigureAwait(false)),

            // A bare local part: only local(8) has such recipients.
            _ when at < 0 => NotFound,
            _ when at == 0 => OnlyRelayed(await lookup.FindDomainAsync(key[1..], cancellationToken).ConfigureAwait(false)),
            _ => Reply(await lookup.FindAsync(key, cancellationToken).ConfigureAwait(false), map == Map.AllRecipients),
        };
    }

    private static Map MapOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("recipients"u8) ? Map.Recipients
        : name.SequenceEqual("domains"u8) ? Map.Domains
        : name.SequenceEqual("access"u8) ? Map.Access
        : name.SequenceEqual("allRecipients"u8) ? Map.AllRecipients
        : Map.None;

    private static SocketmapReply Reply(DomainAnswer answer) => Reply(answer.Verdict, answer.Reason, answer.Domain);

    private static SocketmapReply Reply(LookupAnswer answer, bool insideToo) =>
        Reply(insideToo && answer.Verdict == LookupVerdict.InternalOnly ? LookupVerdict.Known : answer.Verdict, answer.Reason, answer.Domain);

    private static SocketmapReply Access550(LookupAnswer answer) => answer.Verdict switch
    {
        LookupVerdict.InternalOnly => new SocketmapReply(SocketmapOutcome.Found, InsideOnly),
        LookupVerdict.NotReady => new SocketmapReply(SocketmapOutcome.NotReady, $"TEMP {answer.Reason}"),
        _ => NotFound,
    };

    /// <summary><c>@domain</c> stands for every address of the domain, so it is found only where every address is accepted.</summary>
    private static SocketmapReply OnlyRelayed(DomainAnswer answer) => answer.Domain is { IsLookedUp: true } ? NotFound : Reply(answer);

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
