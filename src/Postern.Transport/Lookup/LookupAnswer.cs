using Postern.Mail;

namespace Postern.Transport;

public enum LookupVerdict
{
    /// <summary>Accept: the recipient exists, or its domain is relayed without a list of recipients.</summary>
    Known,

    /// <summary>Reject: the domain is ours, its recipients are all known, and this is none of them.</summary>
    Unknown,

    /// <summary>Reject mail from outside: the recipient exists, and takes mail from inside only.</summary>
    InternalOnly,

    /// <summary>The domain is no accepted domain: relaying there is nothing we do.</summary>
    NotOurs,

    /// <summary>Defer, never reject: no first synchronization was complete yet, so that nothing is known about what is not there.</summary>
    NotReady,
}

/// <param name="Reason">For people, without the address: why the verdict is what it is.</param>
/// <param name="Domain">The accepted domain that the address fell under, if any.</param>
public sealed record LookupAnswer(LookupVerdict Verdict, string Reason, AcceptedDomain? Domain);

/// <param name="Verdict">Known, NotOurs or NotReady.</param>
/// <param name="Domain">The accepted domain found: of the name itself, or the wildcard nearest to it.</param>
public sealed record DomainAnswer(LookupVerdict Verdict, string Reason, AcceptedDomain? Domain);
