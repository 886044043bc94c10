using System.Net;

namespace Postern.Quickstart;

/// <summary>What quickstart was asked for.</summary>
/// <param name="DataFolder">Absolute; null: a temporary folder that is removed at the end.</param>
/// <param name="LdifFile">One's own organization; copied, never changed.</param>
/// <param name="SourceUrl">One's own directory; read, never changed.</param>
/// <param name="Once">End after the demonstration instead of staying up.</param>
internal sealed record QuickstartOptions(
    string? DataFolder, int Recipients, string? LdifFile, string? SourceUrl, string? BaseDn, string? BindDn, string? PasswordFile, bool Once)
{
    public IPEndPoint Ldaps { get; init; } = new(IPAddress.Loopback, 0);

    public IPEndPoint Ldap { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Null: a Unix socket in the edge's folder.</summary>
    public string? Socketmap { get; init; }
}
