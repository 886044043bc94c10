using Postern.Operations.Certificates;

namespace Postern.Operations.Auth;

/// <summary>A successor of the auth certificate.</summary>
/// <param name="Algorithm">Key of the one that the hub makes, e.g. <c>ecdsaP256</c>; null: ecdsaP256.</param>
/// <param name="Days">Life of the one that the hub makes; null: 5 years.</param>
/// <param name="EffectiveInDays">When it takes over.</param>
/// <param name="Force">Also if that is sooner than <see cref="AuthOperations.LeastNotice"/>.</param>
/// <param name="Pem">A certificate and its key from elsewhere, PEM. A secret. Null: the hub makes one.</param>
public sealed record SetAuth(string? Algorithm, int? Days, int EffectiveInDays, bool Force, string? Pem)
{
    public override string ToString() => "auth certificate (secret)";
}

/// <param name="Apply">Do it; else only say it.</param>
/// <param name="Enforce">A new one is wanted, however long the current one lasts.</param>
/// <param name="IgnoreUnreachable">Decide although nothing is known of some hub.</param>
public sealed record MonitorAuth(bool Apply, bool Enforce, bool IgnoreUnreachable);

/// <param name="Role"><c>reader</c>, <c>operator</c> or <c>admin</c>.</param>
/// <param name="Node">FQDN of the one node that it is for; null: all.</param>
public sealed record NewToken(string Subject, string Role, int Hours, string? Node);

/// <param name="Certificates">Slots current, next and previous.</param>
/// <param name="EffectiveUtc">When the next one takes over.</param>
/// <param name="Hubs">Empty on an edge.</param>
public sealed record AuthView(
    string Issuer, IReadOnlyList<CertificateView> Certificates, DateTimeOffset? EffectiveUtc, DateTimeOffset? ChangedUtc, IReadOnlyList<AuthHubView> Hubs);

/// <param name="HasNext">Null: there is no next one.</param>
/// <param name="IsReachable">Whether it has taken what was sealed for it.</param>
public sealed record AuthHubView(string Name, bool HasCurrent, bool? HasNext, bool IsReachable);

/// <param name="Action"><c>nothing</c>, <c>replaceNow</c>, <c>stageNext</c>, <c>shareCurrent</c> or <c>shareNext</c>.</param>
/// <param name="Row">Of the table in docs/auth.md.</param>
/// <param name="Blocked">Something is wrong, and nothing may be done about it now.</param>
/// <param name="Applied">Whether it was done.</param>
/// <param name="EffectiveInHours">Of stageNext.</param>
public sealed record AuthMonitored(string Action, int? Row, string Reason, bool Blocked, bool Applied, double? EffectiveInHours);

/// <param name="Token">A secret. Null: it was written to <paramref name="File"/>.</param>
public sealed record TokenMade(string? Token, string Id, string Subject, string Role, string? Node, DateTimeOffset ExpiresUtc, string? File = null)
{
    public override string ToString() => $"token {Id} (secret)";
}
