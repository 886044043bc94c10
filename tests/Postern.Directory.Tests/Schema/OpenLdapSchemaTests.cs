using System.Globalization;
using System.Text;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.Directory.Tests;

public sealed class OpenLdapSchemaTests
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private static string SchemaFolder => Path.Combine(Root(), "schema");

    /// <summary>With POSTERN_WRITE_SCHEMA=1 the file is written.</summary>
    [Fact]
    public void Schema_for_OpenLDAP_is_up_to_date()
    {
        string file = Path.Combine(SchemaFolder, "postern.schema");
        string expected = Generate();
        if (Environment.GetEnvironmentVariable("POSTERN_WRITE_SCHEMA") == "1")
        {
            File.WriteAllText(file, expected);
        }

        Assert.True(expected == File.ReadAllText(file), "schema/postern.schema is out of date: run this test with POSTERN_WRITE_SCHEMA=1");
    }

    [SkippableFact]
    public async Task Slapd_holds_an_organization_directory()
    {
        Peers.Require("slapd");
        using TempFolder folder = new();
        folder.CreateFolder("db");
        folder.Write("slapd.conf", $"""
            include /etc/ldap/schema/core.schema
            include /etc/ldap/schema/cosine.schema
            include /etc/ldap/schema/inetorgperson.schema
            include {Path.Combine(SchemaFolder, "postern.schema")}
            modulepath /usr/lib/ldap
            moduleload back_mdb
            pidfile {folder["slapd.pid"]}
            argsfile {folder["slapd.args"]}
            database mdb
            suffix "{OrganizationLayout.Suffix}"
            rootdn "cn=admin,{OrganizationLayout.Suffix}"
            rootpw "secret"
            directory {folder["db"]}
            index objectClass,posternDomainName eq

            """);
        int port = LoopbackPort.Free();
        string url = string.Create(CultureInfo.InvariantCulture, $"ldap://127.0.0.1:{port}");
        await using ChildProcess slapd = ChildProcess.Start(Peers.Find("slapd")!, ["-d", "0", "-f", folder["slapd.conf"], "-h", $"{url}/"]);
        await LoopbackPort.WaitUntilOpenAsync(port, StartPatience, () => slapd.HasExited ? $"slapd ended: {slapd.Error}" : null);
        OpenLdapTools tools = new(url, $"cn=admin,{OrganizationLayout.Suffix}", "secret", null);

        // The very entries that our own directory accepts.
        await using DirectoryEngine engine = DirectoryEngine.Open(
            new DirectoryOptions { Path = folder["own.db"], Suffixes = [OrganizationLayout.Suffix] }, PosternSchema.Organization, new OpenPolicy(), TimeProvider.System);
        StringBuilder ldif = new();
        LdifWriter writer = new(new StringWriter(ldif));
        List<AddRequest> tree = OrganizationTree();
        foreach (AddRequest add in tree)
        {
            (await engine.As(Principal.System).AddAsync(add)).ThrowIfFailed(add.Dn);
            writer.Write(new LdapEntry(add.Dn, add.Attributes));
        }

        (await tools.AddAsync(ldif.ToString())).MustSucceed();
        CommandResult found = (await tools.SearchAsync("-b", OrganizationLayout.Suffix, "(objectClass=*)", "1.1")).MustSucceed();
        Assert.Equal(tree.Count, found.Output.Split('\n').Count(l => l.StartsWith("dn:", StringComparison.Ordinal)));
        Assert.Contains("cn=contoso", (await tools.SearchAsync("-b", OrganizationLayout.Suffix, "(posternDomainName=CONTOSO.example)", "1.1")).Output, StringComparison.Ordinal);
    }

    /// <summary>One entry of each class that an organization directory has.</summary>
    private static List<AddRequest> OrganizationTree()
    {
        List<AddRequest> tree =
        [
            new(OrganizationLayout.Suffix, new LdapAttribute("objectClass", "organization"), new LdapAttribute("o", "organization")),
            Unit(OrganizationLayout.Configuration, "configuration"),
            Unit(OrganizationLayout.AcceptedDomains, "acceptedDomains"),
            Unit(OrganizationLayout.Subscriptions, "subscriptions"),
        ];
        foreach (ObjectClass own in PosternSchema.Organization.Classes.Where(c => c.Oid.StartsWith(PosternSchema.Arc, StringComparison.Ordinal)))
        {
            if (own.Kind == ObjectClassKind.Structural)
            {
                string cn = own.Name == PosternClasses.AcceptedDomain ? "contoso" : own.Name;
                IEnumerable<string> types = own.Must.Concat(own.May).Where(n => n != "cn");
                tree.Add(new AddRequest(
                    $"cn={cn},{OrganizationLayout.Configuration}",
                    [new LdapAttribute("objectClass", own.Name), new LdapAttribute("cn", cn), .. types.Select(n => Sample(PosternSchema.Organization.FindAttribute(n)!))]));
            }
        }

        return tree;

        static AddRequest Unit(string dn, string ou) => new(dn, new LdapAttribute("objectClass", "organizationalUnit"), new LdapAttribute("ou", ou));
    }

    private static LdapAttribute Sample(AttributeType type) => type.Syntax switch
    {
        Syntaxes.GeneralizedTime => new LdapAttribute(type.Name, "20260101000000Z"),
        Syntaxes.Integer => new LdapAttribute(type.Name, "7"),
        Syntaxes.Boolean => new LdapAttribute(type.Name, "TRUE"),
        Syntaxes.OctetString => new LdapAttribute(type.Name, [0, 1, 255]),
        _ => new LdapAttribute(type.Name, type.Name == PosternAttributes.DomainName ? "contoso.example" : "text"),
    };

    private static string Generate()
    {
        string[] files = ["system.ldif", "core.ldif", "cosine.ldif", "inetorgperson.ldif", "postern.ldif"];
        DirectorySchema schema = SchemaReader.Read(files.Select(f => (f, File.ReadAllText(Path.Combine(SchemaFolder, f)))));
        StringBuilder text = new(
            """
            # Postern's schema for OpenLDAP, made from postern.ldif by a test. Include core, cosine and inetorgperson before it.

            """);
        foreach (AttributeType type in schema.Attributes.Where(a => a.Oid.StartsWith(PosternSchema.Arc, StringComparison.Ordinal) && !a.Operational))
        {
            Append(text, "attributetype", SchemaWriter.Describe(type, schema));
        }

        foreach (ObjectClass own in schema.Classes.Where(c => c.Oid.StartsWith(PosternSchema.Arc, StringComparison.Ordinal)))
        {
            Append(text, "objectclass", SchemaWriter.Describe(own));
        }

        return text.ToString();

        static void Append(StringBuilder text, string word, string description)
        {
            foreach (string key in (string[])["DESC", "EQUALITY", "SUBSTR", "SYNTAX", "SUP", "MUST", "MAY"])
            {
                description = description.Replace($" {key} ", $"\n\t{key} ", StringComparison.Ordinal);
            }

            text.Append('\n').Append(word).Append(' ').Append(description).Append('\n');
        }
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Postern.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests run outside of the repository");
    }
}
