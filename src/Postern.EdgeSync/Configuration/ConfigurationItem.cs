using Postern.Mail;

namespace Postern.EdgeSync.Configuration;

/// <summary>One entry of the configuration as it was found.</summary>
/// <param name="Object">Null when the entry cannot be read.</param>
/// <param name="Fault">Why it cannot; such an entry reaches no edge.</param>
/// <param name="Source">Where it was replicated from; null: made here.</param>
public sealed record ConfigurationItem(string Dn, string Name, ConfigurationObject? Object, string? Fault, string? Source);
