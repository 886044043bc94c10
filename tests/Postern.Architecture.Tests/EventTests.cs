using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Postern.Architecture.Tests;

/// <summary>What the daemons log: each event has a number of its own in the whole program, and docs/events.md lists them all.</summary>
public sealed partial class EventTests
{
    /// <summary>Set to 1, the test writes the page instead of comparing it.</summary>
    private const string WriteVariable = "POSTERN_WRITE_DOCS";

    [Fact]
    public void Every_event_has_a_number_of_its_own()
    {
        string[] twice =
        [
            .. Events().GroupBy(one => one.Id).Where(same => same.Count() > 1)
                .Select(same => $"event {same.Key} is {string.Join(" and ", same.Select(one => $"\"{one.Message}\" in {one.File}"))}"),
        ];
        Assert.Empty(twice);
    }

    [Fact]
    public void Every_event_is_read_by_these_tests() => Assert.Equal(
        House.Rooms.SelectMany(House.SourceFiles).Sum(file => File.ReadAllText(file).Split("[LoggerMessage(").Length - 1), Events().Count());

    [Fact]
    public void The_page_of_events_is_up_to_date()
    {
        string path = Path.Combine(House.Root, "docs", "events.md");
        string page = Render();
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            File.WriteAllText(path, page);
        }

        string before = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.True(before == page, $"docs/events.md is out of date; write it anew with {WriteVariable}=1 ./test --filter EventTests");
    }

    private static string Render()
    {
        StringBuilder text = new(
            """
            # Events

            What the daemons log, by number: a number never changes its meaning. In braces: fields of the line (`fields`, camelCase). Made from `src/` by
            `POSTERN_WRITE_DOCS=1 ./test --filter EventTests`; a test fails when it is out of date.

            | event | level | message |
            |---|---|---|

            """);
        foreach ((int id, string level, string message, _) in Events().OrderBy(one => one.Id))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {id} | {level.ToLowerInvariant()} | {message.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }

        return text.ToString();
    }

    private static IEnumerable<(int Id, string Level, string Message, string File)> Events() =>
        from room in House.Rooms
        from file in House.SourceFiles(room)
        from Match match in LoggerMessage().Matches(File.ReadAllText(file))
        select (
            int.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture), match.Groups["level"].Value,
            match.Groups["message"].Value.Replace("\\\"", "\"", StringComparison.Ordinal), Path.GetFileName(file));

    [GeneratedRegex("""\[LoggerMessage\((?:EventId = )?(?<id>\d+),\s*(?:Level = )?LogLevel\.(?<level>\w+),\s*(?:Message = )?"(?<message>(?:[^"\\]|\\.)*)"\)\]""")]
    private static partial Regex LoggerMessage();
}
