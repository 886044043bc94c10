using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>Which attributes a filter speaks of.</summary>
internal static class FilterWords
{
    public static bool Any(Filter filter, Func<string, bool> isWanted) => filter switch
    {
        AndFilter and => and.Filters.Any(f => Any(f, isWanted)),
        OrFilter or => or.Filters.Any(f => Any(f, isWanted)),
        NotFilter not => Any(not.Inner, isWanted),
        EqualityFilter item => isWanted(item.Attribute),
        ApproximateFilter item => isWanted(item.Attribute),
        GreaterOrEqualFilter item => isWanted(item.Attribute),
        LessOrEqualFilter item => isWanted(item.Attribute),
        PresentFilter item => isWanted(item.Attribute),
        SubstringFilter item => isWanted(item.Attribute),

        // Without an attribute it is every attribute of the rule.
        ExtensibleFilter item => item.Attribute is null || isWanted(item.Attribute),
        _ => true,
    };
}
