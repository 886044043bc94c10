using System.Globalization;
using System.Text;

namespace Postern.Ldap;

/// <summary>Filter to text, RFC 4515. What is not printable UTF-8 comes out as <c>\xx</c>.</summary>
public static class FilterPrinter
{
    public static string Print(Filter filter)
    {
        StringBuilder text = new();
        Print(filter, text);
        return text.ToString();
    }

    /// <summary>A value as it stands in a filter: <c>( ) * \</c>, controls and octets that are not UTF-8 escaped.</summary>
    public static string EscapeValue(ReadOnlySpan<byte> value)
    {
        StringBuilder text = new(value.Length);
        AppendValue(text, value);
        return text.ToString();
    }

    private static void Print(Filter filter, StringBuilder text)
    {
        text.Append('(');
        switch (filter)
        {
            case AndFilter and: PrintSet('&', and.Filters, text); break;
            case OrFilter or: PrintSet('|', or.Filters, text); break;
            case NotFilter not: PrintSet('!', [not.Inner], text); break;
            case EqualityFilter item: PrintItem(item.Attribute, "=", item.Value, text); break;
            case GreaterOrEqualFilter item: PrintItem(item.Attribute, ">=", item.Value, text); break;
            case LessOrEqualFilter item: PrintItem(item.Attribute, "<=", item.Value, text); break;
            case ApproximateFilter item: PrintItem(item.Attribute, "~=", item.Value, text); break;
            case PresentFilter present: text.Append(present.Attribute).Append("=*"); break;
            case SubstringFilter substring: PrintSubstrings(substring, text); break;
            case ExtensibleFilter extensible: PrintExtensible(extensible, text); break;
            default: throw new ArgumentException($"no text for {filter.GetType().Name}", nameof(filter));
        }

        text.Append(')');
    }

    private static void PrintSet(char kind, IReadOnlyList<Filter> filters, StringBuilder text)
    {
        text.Append(kind);
        foreach (Filter filter in filters)
        {
            Print(filter, text);
        }
    }

    private static void PrintItem(string attribute, string kind, ReadOnlyMemory<byte> value, StringBuilder text)
    {
        text.Append(attribute).Append(kind);
        AppendValue(text, value.Span);
    }

    private static void PrintSubstrings(SubstringFilter filter, StringBuilder text)
    {
        text.Append(filter.Attribute).Append('=');
        AppendValue(text, filter.Initial.GetValueOrDefault().Span);
        text.Append('*');
        foreach (ReadOnlyMemory<byte> any in filter.Any)
        {
            AppendValue(text, any.Span);
            text.Append('*');
        }

        AppendValue(text, filter.Final.GetValueOrDefault().Span);
    }

    private static void PrintExtensible(ExtensibleFilter filter, StringBuilder text)
    {
        text.Append(filter.Attribute).Append(filter.DnAttributes ? ":dn" : "");
        if (filter.MatchingRule is not null)
        {
            text.Append(':').Append(filter.MatchingRule);
        }

        PrintItem("", ":=", filter.Value, text);
    }

    private static void AppendValue(StringBuilder text, ReadOnlySpan<byte> value)
    {
        Span<char> units = stackalloc char[2];
        while (!value.IsEmpty)
        {
            bool valid = Rune.DecodeFromUtf8(value, out Rune rune, out int used) == System.Buffers.OperationStatus.Done;
            if (valid && rune.Value is not ('(' or ')' or '*' or '\\') && !Rune.IsControl(rune))
            {
                text.Append(units[..rune.EncodeToUtf16(units)]);
            }
            else
            {
                foreach (byte octet in value[..used])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\{octet:x2}");
                }
            }

            value = value[used..];
        }
    }
}
