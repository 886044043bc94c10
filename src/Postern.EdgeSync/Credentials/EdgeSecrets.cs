using Postern.Mail;

namespace Postern.EdgeSync.Credentials;

/// <summary>An account on an edge that this hub can use.</summary>
internal sealed record AccountSecret(string UserName, string Password, DateTimeOffset Effective, DateTimeOffset? Expires)
{
    public bool IsValid(DateTimeOffset now) => now >= Effective && !(now >= Expires);

    public override string ToString() => $"{UserName} (secret)";
}

/// <summary>What a hub has for one edge, opened. In memory only.</summary>
/// <param name="Accounts">Replication accounts, those that take effect last first.</param>
/// <param name="Bootstrap">Kept until a replication account is proven.</param>
/// <param name="AddressKey">Base64; null while no hub that has it has sealed it for this one.</param>
internal sealed record EdgeSecrets(IReadOnlyList<AccountSecret> Accounts, AccountSecret? Bootstrap, string? AddressKey)
{
    public AddressHashKey? ToAddressKey() => AddressKey is null ? null : AddressHashKey.FromBytes(Convert.FromBase64String(AddressKey));

    public override string ToString() => $"{Accounts.Count} accounts (secret)";
}
