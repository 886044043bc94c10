using System.CommandLine;
using System.Text.RegularExpressions;
using Postern.Commands;

namespace Postern.EndToEnd.Tests.Commands;

/// <summary>docs/cli.md against the grammar: neither may know a verb or an option that the other does not.</summary>
public sealed class CliReferenceTests
{
    private static readonly string[] Builtin = ["--help", "--version"];

    private static readonly string Reference = File.ReadAllText(Path.Combine(Repository.Root, "docs", "cli.md"));

    [Fact]
    public void Every_verb_is_in_the_reference()
    {
        string[] missing = [.. Leaves(Grammar.Build(), "postern").Select(leaf => leaf.Path).Where(path => !Reference.Contains(path, StringComparison.Ordinal))];

        Assert.Empty(missing);
    }

    [Fact]
    public void Every_option_is_in_the_reference()
    {
        string[] missing = [.. Options().Where(option => !Regex.IsMatch(Reference, $"{option}(?![a-z-])")).Except(Builtin).Distinct()];

        Assert.Empty(missing);
    }

    [Fact]
    public void The_reference_names_no_option_that_does_not_exist()
    {
        HashSet<string> known = [.. Options(), .. Builtin, "--unix-socket"];
        string[] unknown =
        [
            .. Regex.Matches(Reference, "(?<![-\\w])--[a-z][a-z-]*").Select(match => match.Value).Where(option => !known.Contains(option)).Distinct(),
        ];

        Assert.Empty(unknown);
    }

    [Fact]
    public void Every_verb_takes_output_and_says_what_it_does()
    {
        foreach ((string path, Command command) in Leaves(Grammar.Build(), "postern"))
        {
            Assert.False(string.IsNullOrWhiteSpace(command.Description), path);
            string[] words = path.Split(' ')[1..];
            Assert.DoesNotContain(Grammar.Build().Parse([.. words, "--output", "json"]).Errors, error => error.Message.Contains("--output", StringComparison.Ordinal));
        }
    }

    private static IEnumerable<string> Options() =>
        Leaves(Grammar.Build(), "postern").SelectMany(leaf => leaf.Command.Options).Concat(Grammar.Build().Options).Select(option => option.Name);

    private static IEnumerable<(string Path, Command Command)> Leaves(Command command, string path) => command.Subcommands.Count == 0
        ? [(path, command)]
        : command.Subcommands.SelectMany(child => Leaves(child, $"{path} {child.Name}"));
}
