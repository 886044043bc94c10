using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Postern.Ldap.Tests.Generation;

/// <summary>
/// What holds for everything that a generator makes. Each case has a seed of its own, so that one alone can be run again:
/// <c>POSTERN_SEED</c> is the first seed, <c>POSTERN_COUNT</c> the number of cases (default: what the test asks for).
/// </summary>
internal static class Property
{
    private const string SeedVariable = "POSTERN_SEED";
    private const string CountVariable = "POSTERN_COUNT";

    /// <param name="count">Cases, unless the environment says otherwise.</param>
    public static void Holds(int count, Action<Generator> check, [CallerMemberName] string name = "")
    {
        int first = Setting(SeedVariable) ?? SeedOf(name);
        int cases = Setting(CountVariable) ?? count;
        for (int i = 0; i < cases; i++)
        {
            int seed = unchecked(first + i);
            try
            {
                check(new Generator(seed));
            }
            catch (Exception e)
            {
                throw new PropertyException($"{name} does not hold; again: {SeedVariable}={seed} {CountVariable}=1 dotnet test --filter {name}", e);
            }
        }
    }

    /// <summary>The same in every run and different from test to test: FNV-1a, 31 bits.</summary>
    private static int SeedOf(string name)
    {
        uint hash = 2166136261;
        foreach (byte octet in Encoding.UTF8.GetBytes(name))
        {
            hash = unchecked((hash ^ octet) * 16777619);
        }

        return (int)(hash >> 1);
    }

    private static int? Setting(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}

/// <summary>A property that does not hold, and the seed with which it does not.</summary>
internal sealed class PropertyException(string message, Exception inner) : Exception($"{message}\n{inner.Message}", inner);
