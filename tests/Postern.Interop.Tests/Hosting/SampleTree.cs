using System.Globalization;
using Postern.Ldap;

namespace Postern.Interop.Tests.Hosting;

/// <summary>A small organization with what searches can trip over: case, blanks, accents, options, several values, names in values.
/// The same for the same seed; both our directory and slapd can hold it.</summary>
internal sealed class SampleTree
{
    public const string Base = "dc=example,dc=com";
    public const string PeopleBase = "ou=people," + Base;
    public const string GroupsBase = "ou=groups," + Base;

    /// <summary>A user who may bind; see <see cref="UserPassword"/>.</summary>
    public const string UserDn = "uid=u7," + PeopleBase;
    public const string UserPassword = "user secret";

    public const int People = 1_450;
    private const int Groups = 30;
    private const int MembersPerGroup = 6;

    private static readonly string[] GivenNames = ["Anna", "Änne", "Bob", "Carla", "Dörte", "Emil", "Ève", "jean-paul", "Zoë", "Łukasz", "Ann Mary", "Ann  Mary"];
    private static readonly string[] Surnames = ["Berg", "Kurz", "Kürz", "van der Meer", "O'Neil", "Smith", "smith", "Straße", "Müller-Lüdenscheidt", "Li"];
    private static readonly string[] Towns = ["Berlin", "Köln", "New York", "York", "Oslo"];
    private static readonly string[] Descriptions = ["first line", "a*b", "(in parentheses)", "back\\slash", "  two  blanks ", "Ünïcode text", "0", "x"];

    private readonly Random _random;

    private SampleTree(int seed) => _random = new Random(seed);

    public static IReadOnlyList<LdapEntry> Create(int seed = 1) => [.. new SampleTree(seed).Entries()];

    /// <summary>Content records as slapadd takes them.</summary>
    public static string ToLdif(IEnumerable<LdapEntry> entries)
    {
        StringWriter text = new(CultureInfo.InvariantCulture);
        LdifWriter writer = new(text) { WritesVersion = false };
        foreach (LdapEntry entry in entries)
        {
            writer.Write(entry);
        }

        return text.ToString();
    }

    private IEnumerable<LdapEntry> Entries()
    {
        yield return new LdapEntry(Base, [new("objectClass", "top", "organization", "dcObject"), new("dc", "example"), new("o", "Example Inc.")]);
        foreach (string unit in (string[])["people", "groups", "work", "moved"])
        {
            yield return new LdapEntry($"ou={unit},{Base}", [new("objectClass", "top", "organizationalUnit"), new("ou", unit)]);
        }

        for (int i = 0; i < People; i++)
        {
            yield return Person(i);
        }

        for (int i = 0; i < Groups; i++)
        {
            string[] members = [.. Enumerable.Range(0, MembersPerGroup).Select(_ => PersonDn(_random.Next(People))).Distinct()];
            yield return new LdapEntry($"cn=Group {i},{GroupsBase}", [new("objectClass", "top", "groupOfNames"), new("cn", $"Group {i}"), new("member", members)]);
        }
    }

    private static string PersonDn(int i) => $"uid=u{i},{PeopleBase}";

    private LdapEntry Person(int i)
    {
        string given = Pick(GivenNames);
        string surname = Pick(Surnames);
        List<LdapAttribute> attributes =
        [
            new("objectClass", "top", "person", "organizationalPerson", "inetOrgPerson"),
            new("uid", $"u{i}"),
            new("cn", $"{given} {surname}"),
            new("sn", surname),
            new("givenName", given),
            new("mail", _random.Next(2) == 0 ? [$"u{i}@example.com"] : [$"u{i}@Example.COM", $"alias.{i}@eu.example.com"]),
            new("employeeNumber", (1000 + (i * 7)).ToString(CultureInfo.InvariantCulture)),
        ];
        Sometimes(3, () => attributes.Add(new LdapAttribute("description", [.. Enumerable.Range(0, 1 + _random.Next(2)).Select(_ => Pick(Descriptions)).Distinct()])));
        Sometimes(3, () => attributes.Add(new LdapAttribute("l", Pick(Towns))));
        Sometimes(4, () => attributes.Add(new LdapAttribute("cn;lang-de", $"{given} deutsch")));
        Sometimes(4, () => attributes.Add(new LdapAttribute("telephoneNumber", $"+49 {100 + i} {_random.Next(10)}")));
        Sometimes(5, () => attributes.Add(new LdapAttribute("seeAlso", PersonDn(_random.Next(People)))));
        Sometimes(5, () => attributes.Add(new LdapAttribute("title", "Dr.")));
        if (PersonDn(i) == UserDn)
        {
            attributes.Add(new LdapAttribute("userPassword", UserPassword));
        }

        return new LdapEntry(PersonDn(i), attributes);
    }

    private string Pick(string[] from) => from[_random.Next(from.Length)];

    private void Sometimes(int oneIn, Action action)
    {
        if (_random.Next(oneIn) == 0)
        {
            action();
        }
    }
}
