using System.Globalization;
using System.Text;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Incidents;

/// <summary>An organization for incidents: units below ou=people with inetOrgPersons, one mail address each.</summary>
internal static class Staff
{
    public const string Base = "dc=example,dc=com";
    public const string People = "ou=people," + Base;
    public const string Elsewhere = "ou=elsewhere," + Base;

    /// <summary>Lets disabled people not pass, as administrators write it.</summary>
    public const string Filter = "(&(objectClass=inetOrgPerson)(mail=*)(!(employeeType=disabled)))";

    public static string Unit(string unit) => $"ou={unit},{People}";

    public static string Dn(string unit, int number) => string.Create(CultureInfo.InvariantCulture, $"cn={unit}{number},{Unit(unit)}");

    public static string Address(string unit, int number) => string.Create(CultureInfo.InvariantCulture, $"{unit}{number}@example.com");

    public static IEnumerable<string> Addresses(string unit, int count) => Enumerable.Range(0, count).Select(number => Address(unit, number));

    public static string Person(string dn, params ReadOnlySpan<string> addresses)
    {
        StringBuilder ldif = new($"dn: {dn}\nobjectClass: inetOrgPerson\nobjectClass: mailRecipient\ncn: {dn[3..dn.IndexOf(',', StringComparison.Ordinal)]}\nsn: x\n");
        foreach (string address in addresses)
        {
            ldif.Append(CultureInfo.InvariantCulture, $"mail: {address}\n");
        }

        return ldif.Append('\n').ToString();
    }

    /// <summary>The options of a slapd with these units.</summary>
    public static SlapdOptions Slapd(string[] databaseLines, params ReadOnlySpan<(string Unit, int People)> units)
    {
        StringBuilder ldif = new($"""
            dn: {Base}
            objectClass: domain
            dc: example

            dn: {People}
            objectClass: organizationalUnit
            ou: people

            dn: {Elsewhere}
            objectClass: organizationalUnit
            ou: elsewhere

            dn: cn=reader,{Base}
            objectClass: organizationalRole
            objectClass: simpleSecurityObject
            cn: reader
            userPassword: reader secret

            dn: cn=hubs,{Base}
            objectClass: groupOfNames
            cn: hubs
            member: cn=reader,{Base}


            """);
        foreach ((string unit, int people) in units)
        {
            ldif.Append(CultureInfo.InvariantCulture, $"dn: {Unit(unit)}\nobjectClass: organizationalUnit\nou: {unit}\n\n");
            for (int number = 0; number < people; number++)
            {
                ldif.Append(Person(Dn(unit, number), Address(unit, number)));
            }
        }

        return new SlapdOptions { Ldif = ldif.ToString(), DatabaseLines = databaseLines };
    }
}
