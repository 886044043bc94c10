namespace Postern.Operations.Domains;

/// <param name="Type"><c>authoritative</c>, <c>internalRelay</c> or <c>externalRelay</c>.</param>
public sealed record AddDomain(string Name, string Type);

public sealed record RemoveDomain(string Name);

/// <param name="Name">Lower case, A-label.</param>
public sealed record DomainView(string Name, string Type);

public sealed record DomainList(IReadOnlyList<DomainView> Domains);
