using System.Text;
using Postern.Ldap;

namespace Postern.EdgeSync.Filters;

/// <summary>A filter and what each part of it says of one entry.</summary>
/// <param name="Text">The item as RFC 4515 writes it; <c>&amp;</c>, <c>|</c> or <c>!</c> for what holds others.</param>
/// <param name="Verdict">True, false, or undefined.</param>
public sealed record FilterExplanation(string Text, bool? Verdict, IReadOnlyList<FilterExplanation> Items)
{
    /// <param name="entry">With all attributes that the filter looks at.</param>
    public static FilterExplanation Of(Filter filter, LdapEntry entry)
    {
        bool? verdict = new EntryFilter(filter).Evaluate(entry);
        return filter switch
        {
            AndFilter and => new FilterExplanation("&", verdict, [.. and.Filters.Select(inner => Of(inner, entry))]),
            OrFilter or => new FilterExplanation("|", verdict, [.. or.Filters.Select(inner => Of(inner, entry))]),
            NotFilter not => new FilterExplanation("!", verdict, [Of(not.Inner, entry)]),
            _ => new FilterExplanation(filter.ToString(), verdict, []),
        };
    }

    /// <summary>The items that made the whole what it is: of a conjunction that is false those that are not true, of a disjunction that is
    /// true those that are, and so on downwards. One below a negation is shown negated, so that each has the verdict of the whole.</summary>
    public IEnumerable<FilterExplanation> Decisive() => Items.Count == 0 ? [this]
        : Text == "!" ? Items[0].Decisive().Select(Negated)
        : Items.Where(item => item.Verdict == Verdict).SelectMany(item => item.Decisive());

    private static FilterExplanation Negated(FilterExplanation item) => new(
        item.Text.StartsWith("(!", StringComparison.Ordinal) ? item.Text[2..^1] : $"(!{item.Text})", item.Verdict is { } verdict ? !verdict : null, []);

    /// <summary>One line per part, two blanks deeper for each level: <c>true  (mail=*)</c>.</summary>
    public string Print()
    {
        StringBuilder text = new();
        Print(text, 0);
        return text.ToString();
    }

    private void Print(StringBuilder text, int depth)
    {
        string verdict = Verdict switch { true => "true", false => "false", _ => "undefined" };
        text.Append(' ', depth * 2).Append(verdict).Append("  ").Append(Text).Append('\n');
        foreach (FilterExplanation item in Items)
        {
            item.Print(text, depth + 1);
        }
    }
}
