using System.Globalization;
using Postern.Ldap;

namespace Postern.Samples;

/// <summary>What kind of recipient a generated entry is.</summary>
public enum RecipientKind
{
    User,
    Group,
    Contact,

    /// <summary>A shared mailbox or mail-enabled public folder.</summary>
    Folder,
}

/// <summary>One generated recipient.</summary>
/// <param name="Addresses">Without prefix, lower-case; the first is the primary address and the value of <c>mail</c>.</param>
/// <param name="Entry">The entry as a source directory holds it, addresses as <c>SMTP:</c>/<c>smtp:</c> values of proxyAddresses.</param>
public sealed record GeneratedRecipient(RecipientKind Kind, IReadOnlyList<string> Addresses, LdapEntry Entry);

/// <summary>
/// Makes an organization of N mail recipients out of nothing: for a first try, for tests, for measurements. Same seed and count,
/// same entries. 88 % users, 6 % groups, 5 % contacts, 1 % folders; 2-4 addresses each; about 780 octets of LDIF an entry.
/// </summary>
/// <remarks>Streams: nothing but a window of group members is kept, so a million recipients cost no memory.</remarks>
public sealed class OrganizationGenerator
{
    private const int MaxRememberedUsers = 5_000;
    private const int FewestMembers = 3;
    private const int MostMembers = 29;

    private static readonly string[] UnitsWithoutUsers = ["Groups", "Contacts", "Folders"];

    private readonly int _recipients;
    private readonly int _seed;
    private readonly string[] _primaryDomains;
    private readonly string[] _otherDomains;

    /// <param name="recipients">How many recipients; the containers come on top.</param>
    /// <param name="seed">Another seed, another organization.</param>
    /// <param name="domain">The organization's main mail domain; its DNS labels make the base DN.</param>
    public OrganizationGenerator(int recipients, int seed = 1, string domain = "example.com")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(recipients);
        ArgumentException.ThrowIfNullOrEmpty(domain);
        _recipients = recipients;
        _seed = seed;
        BaseDn = string.Join(',', domain.Split('.').Select(label => "dc=" + label));
        MailDomains = [domain, "eu." + domain, "us." + domain, "brand.example", "old.example", "mail." + domain];
        _primaryDomains = [domain, domain, domain, .. MailDomains.Take(4).Skip(1)];
        _otherDomains = [.. MailDomains];
    }

    /// <summary>The naming context, e.g. <c>dc=example,dc=com</c>.</summary>
    public string BaseDn { get; }

    /// <summary>Every domain that a generated address may have.</summary>
    public IReadOnlyList<string> MailDomains { get; }

    /// <summary>An address in the main domain that no recipient has.</summary>
    public string AbsentAddress(int number) => string.Create(CultureInfo.InvariantCulture, $"nobody.{number}@{MailDomains[0]}");

    /// <summary>The base entry and the organizational units, parents first.</summary>
    public IEnumerable<LdapEntry> Containers()
    {
        string label = BaseDn[3..].Split(',')[0];
        yield return new LdapEntry(BaseDn,
        [
            new LdapAttribute("objectClass", "dcObject", "organization"),
            new LdapAttribute("dc", label),
            new LdapAttribute("o", label),
        ]);
        yield return Unit("People", BaseDn);
        foreach (string unit in (string[])[.. SampleNames.Departments, .. UnitsWithoutUsers])
        {
            yield return Unit(unit, $"ou=People,{BaseDn}");
        }
    }

    /// <summary>The recipients, in the same order each time.</summary>
    public IEnumerable<GeneratedRecipient> Recipients()
    {
        var random = new SplitMix64((ulong)_seed);
        var users = new List<string>();
        for (int i = 0; i < _recipients; i++)
        {
            GeneratedRecipient recipient = Next(i, random, users);
            if (recipient.Kind == RecipientKind.User)
            {
                Remember(recipient.Entry.Dn, users, random);
            }

            yield return recipient;
        }
    }

    /// <summary>Writes containers and recipients as LDIF (RFC 2849) that slapadd, ldapadd and Postern's LDIF source read.</summary>
    public void WriteLdif(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var ldif = new LdifWriter(writer) { FoldAt = 0, WritesVersion = false };
        foreach (LdapEntry entry in Containers().Concat(Recipients().Select(r => r.Entry)))
        {
            ldif.Write(entry);
        }
    }

    private static LdapEntry Unit(string name, string parent) => new($"ou={name},{parent}",
        [new LdapAttribute("objectClass", "organizationalUnit"), new LdapAttribute("ou", name)]);

    private static void Remember(string dn, List<string> users, SplitMix64 random)
    {
        if (users.Count < MaxRememberedUsers)
        {
            users.Add(dn);
        }
        else
        {
            users[random.Below(MaxRememberedUsers)] = dn;
        }
    }

    private static RecipientKind KindOf(int percent) => percent switch
    {
        < 88 => RecipientKind.User,
        < 94 => RecipientKind.Group,
        < 99 => RecipientKind.Contact,
        _ => RecipientKind.Folder,
    };

    private GeneratedRecipient Next(int i, SplitMix64 random, List<string> users)
    {
        RecipientKind kind = KindOf(random.Below(100));
        string given = random.Pick(SampleNames.Given);
        string family = random.Pick(SampleNames.Family);
        string department = random.Pick(SampleNames.Departments);
        bool isPerson = kind is RecipientKind.User or RecipientKind.Contact;
        string number = i.ToString(CultureInfo.InvariantCulture);
        string nick = isPerson ? Ascii($"{given}.{family}{number}") : Ascii($"{department}.{kind}{number}");
        string cn = isPerson ? $"{given} {family} {number}" : $"{department} {kind} {number}";
        string unit = kind switch
        {
            RecipientKind.User => department,
            RecipientKind.Group => "Groups",
            RecipientKind.Contact => "Contacts",
            _ => "Folders",
        };
        List<string> addresses = Addresses(random, nick, Ascii($"{given[0]}{family}{number}"), "u" + number);
        var attributes = new List<LdapAttribute>
        {
            new("cn", cn),
            new("displayName", cn),
            new("mail", addresses[0]),
            new("proxyAddresses", [.. addresses.Select((address, k) => (k == 0 ? "SMTP:" : "smtp:") + address)]),
            new("mailNickname", nick),
            new("legacyExchangeDN", $"/o=Example/ou=Exchange Administrative Group/cn=Recipients/cn={random.NextHex()}-{nick}"),
        };
        if (kind == RecipientKind.Group)
        {
            AddGroup(attributes, random, users);
        }
        else
        {
            AddPerson(attributes, random, kind, given, family, number, department, nick);
        }

        return new GeneratedRecipient(kind, addresses, new LdapEntry($"cn={cn},ou={unit},ou=People,{BaseDn}", attributes));
    }

    private List<string> Addresses(SplitMix64 random, string nick, string shortName, string numbered)
    {
        var addresses = new List<string> { $"{nick}@{random.Pick(_primaryDomains)}" };
        int others = random.Pick<int>([1, 1, 2, 2, 3]);
        string[] locals = [nick, shortName, numbered];
        for (int k = 0; k < others; k++)
        {
            string address = $"{locals[k]}@{random.Pick(_otherDomains)}";
            if (!addresses.Contains(address))
            {
                addresses.Add(address);
            }
        }

        if (addresses.Count == 1)
        {
            addresses.Add($"{numbered}@old.example");
        }

        return addresses;
    }

    private void AddGroup(List<LdapAttribute> attributes, SplitMix64 random, List<string> users)
    {
        attributes.Insert(0, new LdapAttribute("objectClass", "groupOfNames", "mailRecipient"));
        int count = random.Below(MostMembers - FewestMembers + 1) + FewestMembers;
        var members = new SortedSet<string>(StringComparer.Ordinal);
        for (int k = 0; k < count && users.Count > 0; k++)
        {
            members.Add(users[random.Below(users.Count)]);
        }

        // groupOfNames asks for at least one member (RFC 4519 section 3.5).
        attributes.Add(new LdapAttribute("member", members.Count > 0 ? [.. members] : [BaseDn]));
        if (random.Below(2) == 0)
        {
            attributes.Add(new LdapAttribute("msExchRequireAuthToSendTo", "TRUE"));
        }
    }

    private static void AddPerson(
        List<LdapAttribute> attributes, SplitMix64 random, RecipientKind kind, string given, string family, string number, string department, string nick)
    {
        attributes.Insert(0, new LdapAttribute("objectClass", "inetOrgPerson", "mailRecipient"));
        attributes.Add(new LdapAttribute("givenName", given));
        attributes.Add(new LdapAttribute("sn", family));
        attributes.Add(new LdapAttribute("uid", "u" + number));
        attributes.Add(new LdapAttribute("departmentNumber", department));
        attributes.Add(new LdapAttribute("title", department + " specialist"));
        attributes.Add(new LdapAttribute("telephoneNumber", string.Create(CultureInfo.InvariantCulture, $"+49 30 {random.Below(10_000_000):D7}")));
        attributes.Add(new LdapAttribute("l", random.Pick(SampleNames.Cities)));
        if (kind == RecipientKind.Contact)
        {
            attributes.Add(new LdapAttribute("targetAddress", $"SMTP:{nick}@partner{random.Below(97)}.example"));
        }

        if (random.Below(100) < 30)
        {
            attributes.Add(new LdapAttribute("msExchSafeSendersHash", random.NextBytes(48)));
        }
    }

    /// <summary>Lower-case ASCII for the left side of an address: umlauts are spelt out.</summary>
    private static string Ascii(string name) => name.ToLowerInvariant()
        .Replace("ä", "ae", StringComparison.Ordinal)
        .Replace("ö", "oe", StringComparison.Ordinal)
        .Replace("ü", "ue", StringComparison.Ordinal)
        .Replace("é", "e", StringComparison.Ordinal);
}
