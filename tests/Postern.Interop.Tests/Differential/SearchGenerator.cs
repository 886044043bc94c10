using System.Globalization;
using System.Text;
using Postern.Interop.Tests.Hosting;
using Postern.Ldap;

namespace Postern.Interop.Tests.Differential;

/// <summary>Makes searches over <see cref="SampleTree"/> of every kind that the protocol has. The same seed, the same searches.</summary>
internal sealed class SearchGenerator(int seed, IReadOnlyList<LdapEntry> entries)
{
    private static readonly string[] Attributes =
    [
        "cn", "CN", "sn", "givenName", "mail", "uid", "employeeNumber", "description", "l", "title", "telephoneNumber", "seeAlso", "member", "objectClass",
        "cn;lang-de", "2.5.4.3", "ou", "dc", "noSuchAttribute",
    ];

    /// <summary>Those whose type has substrings matching in RFC 4519.</summary>
    private static readonly string[] Texts = ["cn", "sn", "givenName", "mail", "uid", "description", "l", "telephoneNumber", "cn;lang-de"];

    // No phonetic matching is associated with these types, so that approximate is equality for both; see DifferentialTests.
    private static readonly string[] NeverPhonetic = ["seeAlso", "member", "objectClass", "telephoneNumber"];

    private static readonly string[][] Selections =
    [
        [], ["*"], ["1.1"], ["cn"], ["CN", "Mail"], ["cn;lang-de"], ["*", "+"], ["+"], ["noSuchAttribute"], ["2.5.4.4", "objectClass"], ["1.1", "sn"],
        ["cn;lang-fr"], ["entryUUID", "cn"], ["member", "seeAlso"],
    ];

    private readonly Random _random = new(seed);

    public SearchRequest Next() => new(BaseDn(), Pick<SearchScope>([SearchScope.BaseObject, SearchScope.SingleLevel, SearchScope.WholeSubtree, SearchScope.WholeSubtree]), Filter(3), Pick(Selections))
    {
        TypesOnly = OneIn(5),
        SizeLimit = OneIn(4) ? Pick<int>([1, 3, 30, 5000]) : 0,
        DerefAliases = Pick(Enum.GetValues<DerefAliases>()),
    };

    private string BaseDn() => _random.Next(18) switch
    {
        0 or 1 or 2 or 12 or 13 or 14 => SampleTree.Base,
        3 or 4 or 5 or 15 or 16 or 17 => SampleTree.PeopleBase,
        6 => SampleTree.GroupsBase,
        7 => Pick(entries).Dn,
        8 => Pick(entries).Dn.ToUpperInvariant().Replace(",", " , ", StringComparison.Ordinal),
        9 => "uid=missing," + Pick(entries).Dn,
        10 => "cn=a,ou=missing," + SampleTree.Base,
        _ => Pick<string>(["dc=elsewhere", "no name", "dc=com", "o=x,dc=org"]),
    };

    private Filter Filter(int depth) => _random.Next(depth > 1 ? 14 : 10) switch
    {
        0 => new EqualityFilter(Pick(Attributes), Value()),
        1 or 2 => Known(),
        3 or 4 => Substring(),
        5 => new PresentFilter(Pick(Attributes)),
        6 => new GreaterOrEqualFilter(Pick(Attributes), Value()),
        7 => new LessOrEqualFilter(Pick(Attributes), Value()),
        8 => Approximate(),
        9 => Extensible(),
        10 or 11 => new AndFilter(Some(depth)),
        12 => new OrFilter(Some(depth)),
        _ => new NotFilter(Filter(depth - 1)),
    };

    private List<Filter> Some(int depth) => [.. Enumerable.Range(0, _random.Next(4)).Select(_ => Filter(depth - 1))];

    /// <summary>An assertion that is true for some entry.</summary>
    private EqualityFilter Known()
    {
        LdapAttribute attribute = Pick(Pick(entries).Attributes.Where(a => a.Description != "userPassword").ToList());
        return new EqualityFilter(attribute.Description, Varied(Encoding.UTF8.GetString(Pick(attribute.Values).Span)));
    }

    private SubstringFilter Substring()
    {
        string attribute = Pick(Texts);
        string text = Pick(entries).FirstString(attribute) ?? "some other text";
        int from = _random.Next(text.Length);

        byte[] start = Piece(text[..(from + 1)]);
        byte[] end = Piece(text[from..]);
        return _random.Next(4) switch
        {
            0 => new SubstringFilter(attribute, start, [], null),
            1 => new SubstringFilter(attribute, null, [end], null),
            2 => new SubstringFilter(attribute, null, [], end),
            _ => new SubstringFilter(attribute, Piece(text[..1]), [], Piece(text[^1..])),
        };
    }

    /// <summary>A piece of a text in another case, without blanks at its ends: by RFC 4518 section 2.6.1 the ends of a value count as
    /// blanks, so that <c>u7 </c> is a beginning of <c>u7</c>; slapd keeps blanks in the piece and none at the ends of the value.</summary>
    private byte[] Piece(string text)
    {
        string trimmed = text.Trim();
        return Encoding.UTF8.GetBytes(trimmed.Length == 0 ? "x" : Pick<string>([trimmed, trimmed.ToUpperInvariant(), trimmed.ToLowerInvariant()]));
    }

    private ApproximateFilter Approximate()
    {
        string attribute = Pick(NeverPhonetic);
        string value = Pick(entries).FirstString(attribute) ?? Pick(entries).Dn;
        return new ApproximateFilter(attribute, Varied(value));
    }

    private ExtensibleFilter Extensible()
    {
        string text = Pick(entries).FirstString("cn") ?? "people";
        return _random.Next(9) switch
        {
            0 => new ExtensibleFilter("caseExactMatch", "cn", Encoding.UTF8.GetBytes(text), false),
            1 => new ExtensibleFilter("2.5.13.2", "cn", Varied(text), false),
            2 => new ExtensibleFilter("caseIgnoreMatch", null, Varied(text), false),
            3 => new ExtensibleFilter(null, "ou", Encoding.UTF8.GetBytes(Pick<string>(["people", "GROUPS", "none"])), true),
            4 => new ExtensibleFilter("caseIgnoreMatch", null, Encoding.UTF8.GetBytes("people"), true),
            5 => new ExtensibleFilter(null, "sn", Varied(Pick(entries).FirstString("sn") ?? "x"), false),
            6 => new ExtensibleFilter("9.9.9.9", "cn", Varied(text), false),
            7 => new ExtensibleFilter("integerMatch", "cn", "12"u8.ToArray(), false),
            _ => new ExtensibleFilter("distinguishedNameMatch", "seeAlso", Varied(Pick(entries).Dn), false),
        };
    }

    private byte[] Value() => _random.Next(6) switch
    {
        0 => Varied(Pick(entries).Dn),
        1 => Encoding.UTF8.GetBytes(_random.Next(12_000).ToString(CultureInfo.InvariantCulture)),
        2 => Encoding.UTF8.GetBytes(Pick<string>(["", " ", "*", "no such value", "M"])),
        _ => Varied(Pick(entries).FirstString(Pick(Texts)) ?? "Berg"),
    };

    /// <summary>The same text in another case, or with other blanks around and within.</summary>
    private byte[] Varied(string text) => Encoding.UTF8.GetBytes(_random.Next(5) switch
    {
        0 => text.ToUpperInvariant(),
        1 => text.ToLowerInvariant(),
        2 => $" {text} ",
        _ => text,
    });

    private bool OneIn(int n) => _random.Next(n) == 0;

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];
}
