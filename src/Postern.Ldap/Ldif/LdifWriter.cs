using System.Text;

namespace Postern.Ldap;

/// <summary>Writes entries as LDIF content records, RFC 2849: base64 where the RFC asks for it, lines folded, <c>version: 1</c> first.</summary>
/// <param name="writer">Gets ASCII only, lines end with LF; flushed and closed by its owner.</param>
public sealed class LdifWriter(TextWriter writer)
{
    private bool _begun;

    /// <summary>Characters per line, from 2; longer ones are folded. 0: lines are not folded. Default 76.</summary>
    public int FoldAt { get; init; } = 76;

    /// <summary>False leaves out <c>version: 1</c>: OpenLDAP's slapadd takes that line for an attribute and refuses the file.</summary>
    public bool WritesVersion { get; init; } = true;

    public void Write(LdapEntry entry)
    {
        if (!_begun && WritesVersion)
        {
            writer.Write("version: 1\n");
        }

        if (_begun || WritesVersion)
        {
            writer.Write('\n');
        }

        _begun = true;
        WriteLine("dn", Encoding.UTF8.GetBytes(entry.Dn));
        foreach (LdapAttribute attribute in entry.Attributes)
        {
            for (int i = 0; i < attribute.Values.Count; i++)
            {
                WriteLine(attribute.Description, attribute.Values[i].Span);
            }
        }
    }

    private void WriteLine(string name, ReadOnlySpan<byte> value)
    {
        string line = value.IsEmpty ? $"{name}:"
            : IsSafe(value) ? $"{name}: {Encoding.ASCII.GetString(value)}"
            : $"{name}:: {Convert.ToBase64String(value)}";
        int first = FoldAt <= 1 ? line.Length : Math.Min(FoldAt, line.Length);
        writer.Write(line.AsSpan(0, first));
        for (int at = first; at < line.Length; at += FoldAt - 1)
        {
            writer.Write("\n ");
            writer.Write(line.AsSpan(at, Math.Min(FoldAt - 1, line.Length - at)));
        }

        writer.Write('\n');
    }

    /// <summary>SAFE-STRING of RFC 2849, without a blank at its end (note 8 there) and without control characters.</summary>
    private static bool IsSafe(ReadOnlySpan<byte> value) =>
        value[0] is not ((byte)' ' or (byte)':' or (byte)'<')
        && value[^1] != ' '
        && !value.ContainsAnyExceptInRange((byte)' ', (byte)'~');
}
