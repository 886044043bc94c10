namespace Postern.Operations.Hubs;

/// <summary>A hub of the organization.</summary>
/// <param name="IsThis">The one that answers.</param>
/// <param name="Certificate">SHA-256 of TransportService-Cert, lower-case hex; null when there is none that credentials can be sealed for.</param>
/// <param name="Edges">Edges for which it has a credential.</param>
public sealed record HubView(string Name, string Fqdn, string Site, string Version, bool IsThis, string? Certificate, IReadOnlyList<string> Edges);

public sealed record HubList(IReadOnlyList<HubView> Hubs);

/// <param name="Name">The hub's short name.</param>
public sealed record NamedHub(string Name);
