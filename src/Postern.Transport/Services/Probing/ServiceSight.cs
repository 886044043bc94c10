namespace Postern.Transport.Services;

/// <summary>What one look saw.</summary>
/// <param name="Sha256">Of the certificate; null: none was shown.</param>
/// <param name="IsThere">Somebody took the connection.</param>
/// <param name="Fault">Why no certificate was shown.</param>
internal sealed record ServiceSight(ServiceProbe Probe, string? Sha256, bool IsThere, string? Fault);
