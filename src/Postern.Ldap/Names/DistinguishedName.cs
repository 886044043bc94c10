namespace Postern.Ldap;

/// <summary>Distinguished name in its text form, RFC 4514. Equal when the names mean the same entry.</summary>
public sealed class DistinguishedName : IEquatable<DistinguishedName>
{
    private readonly RelativeDistinguishedName[] _all;
    private readonly int _start; // a parent shares its child's array
    private string? _text;

    internal DistinguishedName(RelativeDistinguishedName[] rdns)
        : this(rdns, 0, Join(rdns))
    {
    }

    private DistinguishedName(RelativeDistinguishedName[] all, int start, string normalized)
    {
        _all = all;
        _start = start;
        Normalized = normalized;
    }

    /// <summary>The empty name: the root of the tree, and of the server (rootDSE).</summary>
    public static DistinguishedName Root { get; } = new([], 0, "");

    /// <summary>The steps, the entry's own first.</summary>
    public IReadOnlyList<RelativeDistinguishedName> Rdns => new ArraySegment<RelativeDistinguishedName>(_all, _start, Depth);

    /// <summary>Canonical text: lower-case short types, values prepared as caseIgnoreMatch does (RFC 4518), escaped. Itself a name.</summary>
    public string Normalized { get; }

    /// <summary>The number of steps.</summary>
    public int Depth => _all.Length - _start;

    public bool IsRoot => Depth == 0;

    /// <summary>The entry's own step.</summary>
    /// <exception cref="InvalidOperationException">The root has none.</exception>
    public RelativeDistinguishedName Rdn => IsRoot ? throw new InvalidOperationException("the root has no RDN") : _all[_start];

    /// <summary>The name without its own step; the root's parent is the root.</summary>
    public DistinguishedName Parent
    {
        get
        {
            if (Depth <= 1)
            {
                return Root;
            }

            int own = _all[_start].Normalized.Length + 1;
            return new DistinguishedName(_all, _start + 1, Normalized[own..]);
        }
    }

    /// <exception cref="LdapException">invalidDNSyntax, with the position and what is wrong there.</exception>
    public static DistinguishedName Parse(string text) => TryParse(text, out DistinguishedName dn, out string error)
        ? dn
        : throw new LdapException(LdapResultCode.InvalidDNSyntax, error);

    /// <param name="dn">The root when the text is no name.</param>
    /// <param name="error">Empty, or what is wrong and at which character.</param>
    public static bool TryParse(string text, out DistinguishedName dn, out string error) => new DnParser(text).TryParse(out dn, out error);

    /// <summary>The value as it is written in a name, RFC 4514 section 2.4.</summary>
    public static string EscapeValue(string value) => DnEscaping.Escape(value);

    /// <summary>Whether this is <paramref name="ancestor"/> or below it.</summary>
    public bool IsWithin(DistinguishedName ancestor)
    {
        int above = Depth - ancestor.Depth;
        if (above < 0 || !Normalized.EndsWith(ancestor.Normalized, StringComparison.Ordinal))
        {
            return false;
        }

        for (int i = 0; i < ancestor.Depth; i++)
        {
            if (_all[_start + above + i].Normalized != ancestor._all[ancestor._start + i].Normalized)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The name one step below this one. <paramref name="value"/> is not escaped.</summary>
    public DistinguishedName Child(string type, string value)
    {
        if (!DnParser.IsType(type))
        {
            throw new ArgumentException($"\"{type}\" is no attribute type", nameof(type));
        }

        RelativeDistinguishedName rdn = RelativeDistinguishedName.Of([(type, value)]);
        return new DistinguishedName([rdn, .. Rdns], 0, IsRoot ? rdn.Normalized : $"{rdn.Normalized},{Normalized}");
    }

    /// <summary>One allocation: every update that a directory takes passes here.</summary>
    private static string Join(RelativeDistinguishedName[] rdns)
    {
        int length = rdns.Length - 1;
        foreach (RelativeDistinguishedName rdn in rdns)
        {
            length += rdn.Normalized.Length;
        }

        return string.Create(length, rdns, static (text, rdns) =>
        {
            int at = 0;
            for (int i = 0; i < rdns.Length; i++)
            {
                if (i > 0)
                {
                    text[at++] = ',';
                }

                rdns[i].Normalized.CopyTo(text[at..]);
                at += rdns[i].Normalized.Length;
            }
        });
    }

    public bool Equals(DistinguishedName? other) => other is not null && Normalized == other.Normalized;

    public override bool Equals(object? obj) => Equals(obj as DistinguishedName);

    public override int GetHashCode() => Normalized.GetHashCode(StringComparison.Ordinal);

    /// <summary>Types and values as they were written, escaped as RFC 4514 has it.</summary>
    public override string ToString() => _text ??= string.Join(',', Rdns);
}
