using System.Reflection;
using System.Text.RegularExpressions;

namespace Postern.EdgeSync.Tests.Incidents;

/// <summary>docs/incidents.md names tests that exist, and all of them.</summary>
public sealed partial class IncidentsPageTests
{
    [Fact]
    public void Page_and_tests_name_the_same_incidents()
    {
        string[] tests =
        [
            .. typeof(IncidentsPageTests).Assembly.GetTypes()
                .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                .Where(method => method.GetCustomAttributes<FactAttribute>().Any())
                .Select(method => method.Name),
        ];
        string[] named = [.. Name().Matches(File.ReadAllText(Path.Combine(Root(), "docs", "incidents.md"))).Select(match => match.Groups[1].Value)];
        Assert.All(named, name => Assert.Contains(name, tests));
        Assert.All(
            tests.Where(test => test.StartsWith("Row_", StringComparison.Ordinal) || test.StartsWith("Trap_", StringComparison.Ordinal)),
            test => Assert.Contains(test, named));
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Postern.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the repository is not around this assembly");
    }

    [GeneratedRegex(@"`([A-Z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Name();
}
