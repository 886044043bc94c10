namespace Postern.Fuzzing.Tests;

/// <summary>The recorded inputs beside the test assembly; in the repository below tests/Postern.Fuzzing.Tests/Corpus.</summary>
internal static class Corpus
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "Corpus");

    /// <summary>Whole messages of every kind, and hostile octets written by hand.</summary>
    public static IReadOnlyList<byte[]> Messages { get; } = [.. Read("messages", "*.ber"), .. Read("hostile", "*.ber")];

    /// <param name="kind"><c>filter</c>, <c>dn</c>, <c>ldif</c> or <c>url</c>.</param>
    public static IReadOnlyList<byte[]> Text(string kind) => Read("text", kind + "-*.txt");

    /// <summary>Inputs that once did harm, named for their target: <c>target-anything.bin</c>.</summary>
    public static IEnumerable<string> Found => System.IO.Directory.Exists(Path.Combine(Root, "found"))
        ? System.IO.Directory.EnumerateFiles(Path.Combine(Root, "found"), "*.bin").Order(StringComparer.Ordinal)
        : [];

    private static byte[][] Read(string folder, string pattern) =>
        [.. System.IO.Directory.GetFiles(Path.Combine(Root, folder), pattern).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
}
