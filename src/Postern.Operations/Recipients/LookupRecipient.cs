using System.Text.Json.Serialization;

namespace Postern.Operations.Recipients;

public sealed record LookupRecipient(string Address);

/// <param name="Verdict"><c>known</c>, <c>unknown</c>, <c>internalOnly</c> (mail from inside only), <c>notOurs</c> (no accepted domain) or <c>notReady</c> (no completed first synchronization).</param>
/// <param name="Reason">One sentence.</param>
/// <param name="Domain">The accepted domain that decided, if any.</param>
public sealed record LookupRecipientResult(string Address, string Verdict, string Reason, string? Domain, string? DomainType)
{
    [JsonIgnore]
    public bool IsKnown => Verdict == "known";
}
