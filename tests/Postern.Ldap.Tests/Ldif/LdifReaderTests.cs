using System.Text;
using Postern.Ldap.Tests.Generation;

namespace Postern.Ldap.Tests.Ldif;

public class LdifReaderTests
{
    private static List<LdifRecord> Read(string text, LdifLimits? limits = null) => Read(Encoding.UTF8.GetBytes(text), limits);

    private static List<LdifRecord> Read(byte[] octets, LdifLimits? limits = null) => [.. new LdifReader(new MemoryStream(octets), "file.ldif", limits).Read()];

    private static LdapEntry One(string text) => Assert.IsType<LdifContentRecord>(Assert.Single(Read(text))).Entry;

    private static IUpdateOperation Change(string text) => Assert.IsType<LdifChangeRecord>(Assert.Single(Read(text))).Operation;

    [Fact]
    public void Content_is_read_with_its_lines()
    {
        List<LdifRecord> records = Read("""
            version: 1

            # a comment
             that goes on
            dn: cn=Barbara Jensen,ou=Product
              Development,dc=airius,dc=com
            objectclass: top
            objectclass: person
            cn:Barbara Jensen
            cn:: QmFiYXJhIPCfmIA=
            description:What a careful reader you are!  This value is base-64-encod
             ed because it has a control character in it
            # between
            empty:
            emptied::
            OBJECTCLASS:   organizationalPerson


            dn:: b3U9w7bDpCxvPUFpcml1cw==
            ou: ö
            """);
        Assert.Equal([5, 19], records.Select(r => r.Line));
        LdapEntry first = ((LdifContentRecord)records[0]).Entry;
        Assert.Equal("cn=Barbara Jensen,ou=Product Development,dc=airius,dc=com", first.Dn);
        Assert.Equal(["objectclass", "cn", "description", "empty", "emptied"], first.Attributes.Select(a => a.Description));
        Assert.Equal(["top", "person", "organizationalPerson"], first.Strings("objectClass"));
        Assert.Equal(["Barbara Jensen", "Babara 😀"], first.Strings("cn"));
        Assert.EndsWith("base-64-encoded because it has a control character in it", first.FirstString("description"), StringComparison.Ordinal);
        Assert.Equal([""], first.Strings("empty"));
        Assert.Equal([""], first.Strings("emptied"));
        Assert.Equal("ou=öä,o=Airius", ((LdifContentRecord)records[1]).Entry.Dn);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Line_ends_of_both_kinds_and_none_at_the_end_are_read(string end)
    {
        string text = string.Join(end, "", "", "version: 1", "dn: dc=a", "dc: a", "", "", "# only a comment", "", "dn: dc=b", "dc: b");
        for (int missing = 0; missing < 3; missing++)
        {
            List<LdifRecord> records = Read(text + string.Concat(Enumerable.Repeat(end, missing)));
            Assert.Equal([4, 10], records.Select(r => r.Line));
            Assert.Equal(["a", "b"], records.Select(r => ((LdifContentRecord)r).Entry.FirstString("dc")));
        }
    }

    [Fact]
    public void Files_without_records_have_none()
    {
        Assert.Empty(Read(""));
        Assert.Empty(Read("\n\r\n\n"));
        Assert.Empty(Read("version: 1\n"));
        Assert.Empty(Read("# nothing\n\n# at all"));
        Assert.Equal("dc=a", ((LdifContentRecord)Assert.Single(Read([0xef, 0xbb, 0xbf, .. "dn: dc=a"u8]))).Entry.Dn);
    }

    [Fact]
    public void Changes_are_read()
    {
        Assert.Equal(
            Model.Describe(new AddRequest("dc=a", new LdapAttribute("dc", "a", "b"))),
            Model.Describe(Change("dn: dc=a\nchangetype: add\ndc: a\ndc: b\n")));
        Assert.Equal(Model.Describe(new DelRequest("dc=a")), Model.Describe(Change("dn: dc=a\nchangetype: delete\n")));
        Assert.Equal(
            Model.Describe(new ModifyRequest(
                "dc=a",
                new Modification(ModificationType.Add, new LdapAttribute("mail", "x", "y")),
                new Modification(ModificationType.Delete, new LdapAttribute("cn", Array.Empty<string>())),
                new Modification(ModificationType.Replace, new LdapAttribute("sn", "z")),
                new Modification(ModificationType.Increment, new LdapAttribute("n", "1")))),
            Model.Describe(Change("dn: dc=a\nchangetype: modify\nadd: mail\nmail: x\nMAIL:: eQ==\n-\ndelete: cn\n-\nreplace: sn\nsn: z\n-\nincrement: n\nn: 1\n")));
        Assert.Equal(
            Model.Describe(new ModifyDnRequest("dc=a", "dc=b", true)),
            Model.Describe(Change("dn: dc=a\nchangetype: modrdn\nnewrdn: dc=b\ndeleteoldrdn: 1\n")));
        Assert.Equal(
            Model.Describe(new ModifyDnRequest("dc=a", "dc=b", false, "o=x")),
            Model.Describe(Change("dn: dc=a\nchangetype: moddn\nnewrdn: dc=b\ndeleteoldrdn: 0\nnewsuperior: o=x\n")));
    }

    [Theory]
    [InlineData("version: 2\n", 1, "only version 1")]
    [InlineData("\ncn: a\n", 2, "begins with \"dn:\", not with \"cn:\"")]
    [InlineData("dn: dc=a\ncn\n", 2, "\":\" is missing")]
    [InlineData("dn: dc=a\n: a\n", 2, "nothing before")]
    [InlineData("dn: dc=a\nc n: a\n", 2, "\"c n\" is no attribute description")]
    [InlineData("dn: dc=a\n# c\n c\ncn:: a\n", 4, "cn: not base64")]
    [InlineData("dn: dc=a\ncn: x\nphoto:< file:///etc/passwd\n", 3, "photo: values by URL")]
    [InlineData("dn: dc=a\ncontrol: 1.2.3 true\nchangetype: delete\n", 2, "controls are not supported")]
    [InlineData("dn: dc=a\ncn: a\0b\n", 2, "NUL")]
    [InlineData("dn:: /w==\n", 1, "dn: not UTF-8")]
    [InlineData("dn: dc=a\ncn: a\ndn: dc=b\n", 3, "a second \"dn:\"")]
    [InlineData("dn: dc=a\n\n  lost\n", 3, "continues nothing")]
    [InlineData("dn: dc=a\nchangetype: destroy\n", 2, "none of add, delete")]
    [InlineData("dn: dc=a\nchangetype: delete\ncn: x\n", 3, "nothing follows")]
    [InlineData("dn: dc=a\nchangetype: modify\nput: cn\n", 3, "none of add:")]
    [InlineData("dn: dc=a\nchangetype: modify\nadd: c n\n", 3, "no attribute description")]
    [InlineData("dn: dc=a\nchangetype: modify\nadd: cn\nsn: x\n", 4, "among the values of cn")]
    [InlineData("dn: dc=a\nchangetype: modrdn\n", 2, "\"newrdn:\" is missing")]
    [InlineData("dn: dc=a\nchangetype: modrdn\nnewrdn: dc=b\ndeleteoldrdn: yes\n", 4, "0 or 1")]
    [InlineData("dn: dc=a\nchangetype: modrdn\nnewrdn: dc=b\nnewsuperior: x\n", 4, "where \"deleteoldrdn:\" belongs")]
    public void What_is_no_LDIF_is_refused_with_file_and_line(string text, int line, string why)
    {
        LdifException refusal = Assert.Throws<LdifException>(() => Read(text));
        Assert.Equal("file.ldif", refusal.FileName);
        Assert.Equal(line, refusal.Line);
        Assert.StartsWith($"file.ldif:{line}: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Utf16_is_named_for_what_it_is() => Assert.Contains(
        "UTF-16", Assert.Throws<LdifException>(() => Read([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("dn: dc=a")])).Message, StringComparison.Ordinal);

    [Fact]
    public void Records_before_a_fault_have_been_given()
    {
        List<string> seen = [];
        Assert.Throws<LdifException>(() =>
        {
            foreach (LdifRecord record in new LdifReader(new MemoryStream("dn: dc=a\n\ndn: dc=b\n\nx\n"u8.ToArray()), "f").Read())
            {
                seen.Add(((LdifContentRecord)record).Entry.Dn);
            }
        });
        Assert.Equal(["dc=a", "dc=b"], seen);
    }

    [Fact]
    public void Lines_and_records_are_bounded()
    {
        LdifLimits limits = new() { MaxLineBytes = 20, MaxRecordBytes = 40 };
        Read("dn: dc=a\n" + new string('c', 17) + ": a", limits);
        Assert.Contains(":2: a line of more than 20", Refusal("dn: dc=a\n" + new string('c', 18) + ": a"), StringComparison.Ordinal);
        Assert.Contains(":2: a line of more than 20", Refusal("dn: dc=a\n" + new string('c', 18) + ": a\n"), StringComparison.Ordinal);
        Assert.Contains(":2: a line of more than 20", Refusal("dn: dc=a\ncn: aaaaaaaaa\n bbbbbbbb\n"), StringComparison.Ordinal);
        Read("\n\ndn: dc=a\n" + string.Concat(Enumerable.Repeat("cn: aaaaa\n", 3)) + "\n\n", limits);
        Assert.Contains(":3: a record of more than 40", Refusal("\n\ndn: dc=a\n" + string.Concat(Enumerable.Repeat("cn: aaaaa\n", 4))), StringComparison.Ordinal);

        string Refusal(string text) => Assert.Throws<LdifException>(() => Read(text, limits)).Message;
    }

    [Fact]
    public void Record_larger_than_the_buffer_and_a_stream_of_small_reads_make_no_difference()
    {
        LdapEntry large = new("dc=large", [new LdapAttribute("cn", [.. Enumerable.Range(0, 100_000).Select(i => $"value {i}")])]);
        StringWriter text = new();
        LdifWriter writer = new(text);
        writer.Write(large);
        writer.Write(new LdapEntry("dc=b", []));
        byte[] octets = Encoding.ASCII.GetBytes(text.ToString());
        List<LdifRecord> records = [.. new LdifReader(new Dribble(octets), "f").Read()];
        Assert.Equal(Model.Describe(large), Model.Describe(((LdifContentRecord)records[0]).Entry));
        Assert.Equal(100_005, records[1].Line);
    }

    [Fact]
    public void Many_different_attributes_are_gathered()
    {
        LdapEntry entry = One("dn: dc=a\n" + string.Concat(Enumerable.Range(0, 2000).Select(i => $"a{i % 1000}: {i}\n")));
        Assert.Equal(1000, entry.Attributes.Count);
        Assert.All(entry.Attributes, a => Assert.Equal(2, a.Values.Count));
        Assert.Equal(["15", "1015"], entry.Strings("A15"));
    }

    [Theory]
    [InlineData(76)]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(11)]
    public void Any_entry_comes_back_from_its_text(int foldAt) => Property.Holds(300, generator =>
    {
        List<LdapEntry> entries = generator.Many(6, generator.Entry);
        StringWriter text = new();
        LdifWriter writer = new(text) { FoldAt = foldAt };
        entries.ForEach(writer.Write);
        string written = text.ToString();
        Assert.DoesNotContain(written, c => c is not ('\n' or (>= ' ' and <= '~')));
        if (foldAt > 0)
        {
            Assert.All(written.Split('\n').Where(l => l != "version: 1"), l => Assert.True(l.Length <= foldAt, l));
        }

        foreach (string end in (string[])["\n", "\r\n"])
        {
            List<LdifRecord> read = Read(written.Replace("\n", end, StringComparison.Ordinal));
            Assert.Equal(entries.Select(Model.Describe), read.Select(r => Model.Describe(((LdifContentRecord)r).Entry)));
        }
    });

    [Fact]
    public void Damaged_text_is_read_or_refused_and_nothing_else()
    {
        byte[] changes = "dn: dc=a\nchangetype: modify\nadd: cn\ncn: x\n-\ndelete: sn\n\ndn: dc=a\nchangetype: modrdn\nnewrdn: dc=b\ndeleteoldrdn: 1\n"u8.ToArray();
        Property.Holds(1000, generator =>
        {
            ReadsOrRefuses(generator.Mutate(Encoding.UTF8.GetBytes(Written(generator))));
            ReadsOrRefuses(generator.Mutate(changes));
        });
    }

    [Fact]
    public void Every_prefix_is_read_or_refused_and_nothing_else() => Property.Holds(20, generator =>
    {
        byte[] octets = Encoding.UTF8.GetBytes(Written(generator));
        for (int length = 0; length < octets.Length; length++)
        {
            ReadsOrRefuses(octets[..length]);
        }
    });

    private static string Written(Generator generator)
    {
        StringWriter text = new();
        LdifWriter writer = new(text);
        generator.Many(3, generator.Entry).ForEach(writer.Write);
        return text.ToString();
    }

    private static void ReadsOrRefuses(byte[] octets)
    {
        try
        {
            Read(octets);
        }
        catch (LdifException)
        {
            // the one right way to refuse
        }
    }

    [Fact]
    public void Text_is_written_as_the_specification_has_it()
    {
        StringWriter text = new();
        LdifWriter writer = new(text) { FoldAt = 20 };
        writer.Write(new LdapEntry("dc=a", [new LdapAttribute("cn", "plain", " a", "a ", ":a", "<a", "", "é", "a\nb"), new LdapAttribute("description", "0123456789012345678901234567890")]));
        writer.Write(new LdapEntry("dc=é", []));
        Assert.Equal(
            "version: 1\n\ndn: dc=a\ncn: plain\ncn:: IGE=\ncn:: YSA=\ncn:: OmE=\ncn:: PGE=\ncn:\ncn:: w6k=\ncn:: YQpi\n"
            + "description: 0123456\n 7890123456789012345\n 67890\n\ndn:: ZGM9w6k=\n",
            text.ToString());
    }

    private sealed class Dribble(byte[] octets) : MemoryStream(octets)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 9973));
    }
}
