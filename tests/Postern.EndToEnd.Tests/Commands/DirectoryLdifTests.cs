using System.Text.Json;
using Postern.EndToEnd.Tests.Processes;
using Postern.Ldap;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Commands;

/// <summary><c>postern directory export|import</c>.</summary>
[Trait("RFC", "2849")]
public sealed class DirectoryLdifTests
{
    private const string Structure =
        """
        version: 1

        dn: o=edge
        objectClass: organization
        o: edge

        dn: ou=recipients,o=edge
        objectClass: organizationalUnit
        ou: recipients

        """;

    private static string Recipient(int number, string more = "") => $"dn: cn=r{number},ou=recipients,o=edge\nobjectClass: posternRecipient\ncn: r{number}\n{more}\n";

    private static List<LdapEntry> Read(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return [.. new LdifReader(stream, file).Read().Cast<LdifContentRecord>().Select(record => record.Entry)];
    }

    private static JsonElement Failure(JsonElement document) => document.GetProperty("error");

    [Fact]
    public async Task Export_of_a_running_edge_is_taken_by_a_new_one()
    {
        using TempFolder folder = new();
        await using Installation one = await Installation.StartAsync(300);
        await one.SubscribeAsync();
        JsonElement exported = await PosternProgram.JsonAsync(
            0, "directory", "export", folder["all.ldif"], "--operational", "--with-secrets", "--data", one.EdgeFolder);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["all.ldif"]));
        Assert.Equal("alreadyRunning", Failure(await PosternProgram.JsonAsync(1, "directory", "import", folder["all.ldif"], "--data", one.EdgeFolder)).GetProperty("code").GetString());

        JsonElement imported = await PosternProgram.JsonAsync(0, "directory", "import", folder["all.ldif"], "--batch", "7", "--data", folder["edge"]);
        Assert.Equal(exported.GetProperty("entries").GetInt32(), imported.GetProperty("imported").GetInt32());
        await PosternProgram.MustAsync("directory", "export", folder["again.ldif"], "--operational", "--with-secrets", "--data", folder["edge"]);

        List<LdapEntry> before = Read(folder["all.ldif"]);
        List<LdapEntry> after = Read(folder["again.ldif"]);
        Assert.Equal(before.Count, after.Count);
        for (int i = 0; i < before.Count; i++)
        {
            Assert.Equal(before[i].Dn, after[i].Dn);
            foreach (LdapAttribute attribute in before[i].Attributes.Where(a => a.Description is not ("createTimestamp" or "modifyTimestamp" or "entryCSN")))
            {
                Assert.Equal(
                    attribute.Values.Select(v => Convert.ToHexString(v.Span)), after[i].Find(attribute.Description)!.Values.Select(v => Convert.ToHexString(v.Span)));
            }
        }

        await PosternProgram.JsonAsync(0, "directory", "import", folder["all.ldif"], "--new-uuids", "--atomic", "--data", folder["other"]);
        await PosternProgram.MustAsync("directory", "export", folder["other.ldif"], "--operational", "--data", folder["other"]);
        Assert.Empty(Read(folder["other.ldif"]).Select(e => e.FirstString("entryUUID")).Intersect(before.Select(e => e.FirstString("entryUUID"))));
    }

    [Fact]
    public async Task Secrets_are_exported_only_on_demand_and_never_to_standard_output()
    {
        using TempFolder folder = new();
        await using Installation one = await Installation.StartAsync(20);
        await one.SubscribeAsync();
        string plain = await PosternProgram.MustAsync("directory", "export", "--data", one.EdgeFolder);
        Assert.Contains("dn: ou=accounts,o=edge", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("userPassword", plain, StringComparison.OrdinalIgnoreCase);

        CommandResult refused = await PosternProgram.RunAsync("directory", "export", "--with-secrets", "--data", one.EdgeFolder);
        Assert.Equal(2, refused.ExitCode);
        Assert.Empty(refused.Output);
        Assert.Equal("wrongUsage", Failure(await PosternProgram.JsonAsync(2, "directory", "export", "--data", one.EdgeFolder)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Refused_record_is_named_by_its_line_and_what_came_before_is_there()
    {
        using TempFolder folder = new();
        string file = folder.Write("edge.ldif", Structure + "\n" + Recipient(1) + Recipient(2, "noSuchAttribute: 1\n") + Recipient(3));
        JsonElement failure = Failure(await PosternProgram.JsonAsync(1, "directory", "import", file, "--data", folder["edge"]));
        Assert.Equal("importStopped", failure.GetProperty("code").GetString());
        Assert.Contains("edge.ldif:15:", failure.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("the 3 records before it are imported", failure.GetProperty("message").GetString(), StringComparison.Ordinal);

        JsonElement rest = await PosternProgram.JsonAsync(1, "directory", "import", file, "--skip-existing", "--continue", "--data", folder["edge"]);
        Assert.Equal(1, rest.GetProperty("imported").GetInt32());
        Assert.Equal(3, rest.GetProperty("skipped").GetInt32());
        Assert.Equal(1, rest.GetProperty("refused").GetInt32());
        Assert.Contains(":15:", rest.GetProperty("refusals")[0].GetString(), StringComparison.Ordinal);
        JsonElement check = await PosternProgram.JsonAsync(0, "directory", "check", "--data", folder["edge"]);
        Assert.Equal(4, check.GetProperty("entries").GetInt32());
    }

    [Fact]
    public async Task Atomic_import_is_all_or_none_and_damaged_files_are_named_by_line()
    {
        using TempFolder folder = new();
        string bad = folder.Write("bad.ldif", Structure + "\n" + Recipient(1) + Recipient(1));
        JsonElement failure = Failure(await PosternProgram.JsonAsync(1, "directory", "import", bad, "--atomic", "--data", folder["edge"]));
        Assert.Contains("nothing was imported", failure.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await PosternProgram.JsonAsync(0, "directory", "check", "--data", folder["edge"])).GetProperty("entries").GetInt32());

        string cut = folder.Write("cut.ldif", Structure + "\nthis is no LDIF\n");
        Assert.Contains("cut.ldif:11:", Failure(await PosternProgram.JsonAsync(1, "directory", "import", cut, "--data", folder["edge"])).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, (await PosternProgram.RunAsync("directory", "import", cut, "--atomic", "--continue", "--data", folder["edge"])).ExitCode);
    }

    [Fact]
    public async Task Changes_are_imported_in_their_order()
    {
        using TempFolder folder = new();
        string file = folder.Write(
            "changes.ldif",
            Structure + "\n" + Recipient(1)
            + "dn: cn=r1,ou=recipients,o=edge\nchangetype: modify\nadd: posternSource\nposternSource: corp\n-\n\n"
            + "dn: cn=r1,ou=recipients,o=edge\nchangetype: modrdn\nnewrdn: cn=r2\ndeleteoldrdn: 1\n");
        JsonElement imported = await PosternProgram.JsonAsync(0, "directory", "import", file, "--data", folder["edge"]);
        Assert.Equal(5, imported.GetProperty("imported").GetInt32());
        string exported = await PosternProgram.MustAsync("directory", "export", "--data", folder["edge"]);
        Assert.Contains("dn: cn=r2,ou=recipients,o=edge", exported, StringComparison.Ordinal);
        Assert.Contains("posternSource: corp", exported, StringComparison.Ordinal);
    }
}
