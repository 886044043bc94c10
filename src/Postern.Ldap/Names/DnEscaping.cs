using System.Globalization;
using System.Text;

namespace Postern.Ldap;

/// <summary>Escaping of values in names, RFC 4514 section 2.4.</summary>
internal static class DnEscaping
{
    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create(
        "\"+,;<>\\" + string.Concat(Enumerable.Range(0, 0x20).Append(0x7f).Select(c => (char)c)));

    public static string Escape(string value)
    {
        if (value.Length == 0 || (value[0] is not (' ' or '#') && value[^1] != ' ' && !value.AsSpan().ContainsAny(Special)))
        {
            return value;
        }

        StringBuilder text = new(value.Length + 8);
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if (c is < ' ' or (char)0x7f)
            {
                // Only NUL must be; the others would break lines of logs and of LDIF.
                text.Append(CultureInfo.InvariantCulture, $"\\{(int)c:X2}");
                continue;
            }

            bool atEnd = i == 0 || i == value.Length - 1;
            if (Special.Contains(c) || (c == ' ' && atEnd) || (c == '#' && i == 0))
            {
                text.Append('\\');
            }

            text.Append(c);
        }

        return text.ToString();
    }
}
