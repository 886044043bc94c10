using System.Text.RegularExpressions;
using Postern.Mail;

namespace Postern.EndToEnd.Tests.Documentation;

/// <summary>docs/configuration.md against the fields of the classes: neither may know one that the other does not.</summary>
public sealed class ConfigurationPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"));

    public static TheoryData<string> Kinds => [.. ConfigurationClasses.All.Select(kind => kind.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Page_has_every_field_with_its_option(string name)
    {
        ConfigurationClass kind = ConfigurationClasses.All.Single(one => one.Kind == name);
        string section = Regex.Match(Page, $@"^## [^\n]*`postern {kind.Command}`\n.*?(?=^## |\z)", RegexOptions.Multiline | RegexOptions.Singleline).Value;

        string[] documented = [.. Regex.Matches(section, @"^\| `(\w+)` \| `(--[a-z-]+)( FILE)?` \|", RegexOptions.Multiline).Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}").Order(StringComparer.Ordinal)];

        Assert.Equal(kind.Fields.Select(field => $"{field.Name} {field.Option}").Order(StringComparer.Ordinal), documented);
        Assert.Contains($"`{kind.Unit}`", Page, StringComparison.Ordinal);
    }
}
