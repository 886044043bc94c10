namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>The edge is not as it must be.</summary>
internal sealed class OracleException(string message) : Exception(message);
