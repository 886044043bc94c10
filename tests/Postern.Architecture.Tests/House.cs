using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Postern.Architecture.Tests;

/// <summary>The plan of the house: which room stands on which floor. docs/architecture.md draws the same.</summary>
internal static partial class House
{
    /// <summary>Room and floor. A room may use rooms of lower floors only.</summary>
    public static IReadOnlyDictionary<string, int> Floors { get; } = new Dictionary<string, int>
    {
        ["Postern.Unicode"] = 0,
        ["Postern.Ldap"] = 1,
        ["Postern.Certificates"] = 1,
        ["Postern.Sockets"] = 1,
        ["Postern.Mail"] = 1,
        ["Postern.Directory"] = 2,
        ["Postern.Ldap.Client"] = 2,
        ["Postern.Ldap.Server"] = 2,
        ["Postern.Samples"] = 2,
        ["Postern.EdgeSync"] = 3,
        ["Postern.Transport"] = 3,
        ["Postern.Operations"] = 4,
        ["Postern"] = 5,
    };

    public static string Root { get; } = FindRoot();

    public static IEnumerable<string> Rooms => System.IO.Directory.GetDirectories(Path.Combine(Root, "src")).Select(d => Path.GetFileName(d)!);

    public static XDocument ProjectFile(string room) => XDocument.Load(Path.Combine(Root, "src", room, room + ".csproj"));

    public static IEnumerable<string> ProjectReferences(string room) =>
        ProjectFile(room).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!));

    public static IEnumerable<string> SourceFiles(string room) =>
        System.IO.Directory.EnumerateFiles(Path.Combine(Root, "src", room), "*.cs", SearchOption.AllDirectories);

    /// <summary>The room that a namespace belongs to: the longest room name that it begins with, or null for foreign ones.</summary>
    public static string? RoomOf(string ns) =>
        Floors.Keys.Where(room => ns == room || ns.StartsWith(room + ".", StringComparison.Ordinal)).MaxBy(room => room.Length);

    public static IEnumerable<string> Usings(string file) =>
        File.ReadLines(file).Select(line => UsingLine().Match(line)).Where(m => m.Success).Select(m => m.Groups[1].Value);

    public static string? Namespace(string file) =>
        File.ReadLines(file).Select(line => NamespaceLine().Match(line)).FirstOrDefault(m => m.Success)?.Groups[1].Value;

    [GeneratedRegex(@"^\s*(?:global )?using (?:static )?(?:\w+ = )?(Postern[\w.]*)")]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"^namespace ([\w.]+)")]
    private static partial Regex NamespaceLine();

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Postern.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Postern.slnx was not found above the tests");
    }
}
