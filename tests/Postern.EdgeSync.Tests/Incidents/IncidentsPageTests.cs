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
                .Where(type => type.Namespace == typeof(IncidentsPageTests).Namespace)
                .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                .Where(method => method.GetCustomAttributes<FactAttribute>().Any())
                .Select(method => method.Name),
        ];
        string[] named = [.. Name().Matches(File.ReadAllText(Path.Combine(Root(), "docs", "incidents.md"))).Select(match => match.Groups[1].Value)];
        Assert.Equal(
            tests.Where(test => test.StartsWith("Row_", StringComparison.Ordinal) || test.StartsWith("Trap_", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            named.Order(StringComparer.Ordinal));
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

    [GeneratedRegex("`((?:Row|Trap)_[A-Za-z0-9_]+)`")]
    private static partial Regex Name();
}
