namespace Postern.Operations.Accounts;

/// <summary>On the edge: an account for a person or a tool.</summary>
/// <param name="Role"><c>lookup</c> or <c>operator</c>.</param>
/// <param name="CertificateSha256">64 hexadecimal digits: with this certificate it may log on by SASL EXTERNAL too. Null: by password only.</param>
public sealed record NewAccount(string Name, string Role, string? CertificateSha256);

/// <param name="Password">Told this once and never again. A secret.</param>
public sealed record NewAccountResult(string Name, string Dn, string Role, string? CertificateSha256, string Password);

public sealed record NamedAccount(string Name);

/// <param name="MadeBy"><c>operator</c>, or <c>subscription</c>: then it ends with that.</param>
public sealed record AccountView(string Name, string Dn, string Role, string? CertificateSha256, string MadeBy, DateTimeOffset? EffectiveUtc);

public sealed record AccountList(IReadOnlyList<AccountView> Accounts);
