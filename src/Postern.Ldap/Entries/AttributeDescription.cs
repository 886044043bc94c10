namespace Postern.Ldap;

/// <summary>Attribute description: type and options, RFC 4512 section 2.5. Names compare without regard to case.</summary>
public static class AttributeDescription
{
    public static StringComparer Comparer => StringComparer.OrdinalIgnoreCase;

    /// <summary>The type before the first <c>;</c>.</summary>
    public static ReadOnlySpan<char> TypeOf(string description)
    {
        int semicolon = description.IndexOf(';', StringComparison.Ordinal);
        return semicolon < 0 ? description : description.AsSpan(0, semicolon);
    }

    /// <summary>True when <paramref name="description"/> is <paramref name="requested"/> or a subtype of it by options:
    /// <c>cn;lang-de</c> matches a request for <c>cn</c>, not the other way round (RFC 4512 section 2.5.2).</summary>
    public static bool Matches(string description, string requested)
    {
        if (Comparer.Equals(description, requested))
        {
            return true;
        }

        if (!TypeOf(description).Equals(TypeOf(requested), StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        string[] have = description.Split(';')[1..];
        return requested.Split(';')[1..].All(option => have.Contains(option, Comparer));
    }

    /// <summary>keystring or numericoid, then options; RFC 4512 sections 1.4 and 2.5.</summary>
    public static bool IsValid(ReadOnlySpan<char> description)
    {
        bool first = true;
        foreach (Range part in description.Split(';'))
        {
            ReadOnlySpan<char> text = description[part];
            if (!(first ? IsKeystring(text) || IsNumericOid(text) : IsOption(text)))
            {
                return false;
            }

            first = false;
        }

        return true;
    }

    private static bool IsKeystring(ReadOnlySpan<char> text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && IsOption(text);

    private static bool IsOption(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            // '_' is not in RFC 4512, but real servers define and send such names.
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }

        return text.Length > 0;
    }

    private static bool IsNumericOid(ReadOnlySpan<char> text)
    {
        bool digitBefore = false;
        foreach (char c in text)
        {
            if (c == '.' ? !digitBefore : !char.IsAsciiDigit(c))
            {
                return false;
            }

            digitBefore = c != '.';
        }

        return digitBefore;
    }
}
