using System.Text.RegularExpressions;

namespace Postern.Architecture.Tests;

/// <summary>How far an RFC is implemented, as a line in the code says it: <c>// RFC 2696 (complete): what there is to know</c>.</summary>
/// <param name="File">Relative to the root, with slashes.</param>
internal sealed record RfcStatus(int Number, string Status, string Note, string File);

/// <summary>Reads the markers that docs/rfc.md is made from.</summary>
internal static partial class RfcMarkers
{
    public static IReadOnlyList<RfcStatus> Statuses { get; } =
    [
        .. Files("src").SelectMany(file => File.ReadLines(file)
            .Select(line => StatusLine().Match(line))
            .Where(m => m.Success)
            .Select(m => new RfcStatus(int.Parse(m.Groups[1].ValueSpan, null), m.Groups[2].Value, m.Groups[3].Value, Relative(file))))
            .OrderBy(s => s.Number),
    ];

    /// <summary>Classes of tests by the number of the RFC in a trait of theirs or of one of their methods, one for each method.</summary>
    public static ILookup<int, string> Tests { get; } = Files("tests").SelectMany(TestsOf).ToLookup(t => t.Number, t => t.Class);

    private static IEnumerable<(int Number, string Class)> TestsOf(string file)
    {
        List<int> pending = [];
        List<int> ofClass = [];
        string className = "";
        bool isTest = false;
        foreach (string line in File.ReadLines(file))
        {
            pending.AddRange(TraitMark().Matches(line).Select(m => int.Parse(m.Groups[1].ValueSpan, null)));
            isTest |= TestMark().IsMatch(line);
            if (ClassLine().Match(line) is { Success: true } type)
            {
                (className, ofClass, pending, isTest) = (type.Groups[1].Value, [.. pending], [], false);
            }
            else if (MethodLine().IsMatch(line))
            {
                foreach (int number in isTest ? pending.Concat(ofClass).Distinct() : [])
                {
                    yield return (number, className);
                }

                (pending, isTest) = ([], false);
            }
        }
    }

    private static IEnumerable<string> Files(string folder) => System.IO.Directory
        .EnumerateFiles(Path.Combine(House.Root, folder), "*.cs", SearchOption.AllDirectories)
        .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private static string Relative(string file) => Path.GetRelativePath(House.Root, file).Replace('\\', '/');

    [GeneratedRegex(@"^\s*// RFC (\d{4}) \((\w+)\): (.+)$")]
    private static partial Regex StatusLine();

    [GeneratedRegex(@"Trait\(""RFC"", ""(\d{4})""\)")]
    private static partial Regex TraitMark();

    [GeneratedRegex(@"\[(?:Skippable)?(?:Fact|Theory)\b")]
    private static partial Regex TestMark();

    [GeneratedRegex(@"^\s*(?:public|internal).* class (\w+)")]
    private static partial Regex ClassLine();

    [GeneratedRegex(@"^\s*public (?:async )?(?:void|Task|ValueTask) \w+\(")]
    private static partial Regex MethodLine();
}
