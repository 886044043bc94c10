using System.Diagnostics.CodeAnalysis;

namespace Postern.Mail;

/// <summary>The edge that a connector belongs to, by its short name; <c>*</c> is every edge, also those that come later.</summary>
public sealed record EdgeSource(string Edge)
{
    public const string Every = "*";

    public static EdgeSource EveryEdge { get; } = new(Every);

    /// <summary>RFC 1035 section 2.3.4.</summary>
    private const int MaxLabel = 63;

    public bool IsEvery => Edge == Every;

    public static bool TryParse(string text, [NotNullWhen(true)] out EdgeSource? source, [NotNullWhen(false)] out string? error)
    {
        string edge = text.Trim();
        bool good = edge == Every
            || (edge.Length is > 0 and <= MaxLabel && edge.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && edge[0] != '-' && edge[^1] != '-');
        source = good ? new EdgeSource(edge) : null;
        error = good ? null : $"'{text}' is not the short name of an edge, such as edge1, nor {Every} for every edge";
        return good;
    }

    /// <summary>Whether these are sources on an edge.</summary>
    public static bool Include(IReadOnlyList<EdgeSource> sources, string edge) =>
        sources.Any(source => source.IsEvery || source.Edge.Equals(edge, StringComparison.OrdinalIgnoreCase));

    /// <summary>What an edge is told of them: nothing about other edges.</summary>
    public static IReadOnlyList<EdgeSource> For(IReadOnlyList<EdgeSource> sources, string edge) =>
        [.. sources.Where(source => source.IsEvery || source.Edge.Equals(edge, StringComparison.OrdinalIgnoreCase))];

    /// <returns>What is wrong, or null.</returns>
    internal static string? Check(IReadOnlyList<EdgeSource> sources) =>
        sources.Count == 0 ? "it belongs to no edge: name its edges, or * for every edge"
        : sources.Count > 1 && sources.Any(source => source.IsEvery) ? "* is every edge already: name it alone, or name edges"
        : null;

    public override string ToString() => Edge;
}
