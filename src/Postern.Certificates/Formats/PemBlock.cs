namespace Postern.Certificates;

/// <summary>One block of a PEM file.</summary>
/// <param name="Label">What stands behind BEGIN.</param>
/// <param name="Line">Of its BEGIN, from 1.</param>
/// <param name="Headers">RFC 1421 lines before the content, as traditional encrypted keys have them.</param>
/// <param name="Content">May be a secret: cleared by who reads it.</param>
internal sealed record PemBlock(string Label, int Line, IReadOnlyDictionary<string, string> Headers, byte[] Content);
