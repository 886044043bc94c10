using Postern.Ldap;
using Postern.Ldap.Codec;
using Postern.Ldap.Tests.Generation;

namespace Postern.Fuzzing.Tests;

/// <summary>Writes the generated half of the corpus anew: <c>POSTERN_FUZZ_RECORD=FOLDER dotnet test --filter Recorder</c>.</summary>
public class Recorder
{
    private const string Suffix = "o=fuzz";

    [Fact]
    public void Recorder_writes_messages_of_every_kind()
    {
        string folder = Environment.GetEnvironmentVariable("POSTERN_FUZZ_RECORD") is { Length: > 0 } asked ? asked : Path.Combine(AppContext.BaseDirectory, "recorded");
        System.IO.Directory.CreateDirectory(folder);
        int number = 0;
        foreach (LdapOperationTag tag in Enum.GetValues<LdapOperationTag>())
        {
            Write($"generated-{tag}", new Generator(number).Message(tag));
            number++;
        }

        foreach ((string name, LdapOperation operation, LdapControl[] controls) in Sensible())
        {
            Write(name, new LdapMessage(2, operation, controls));
        }

        Assert.NotEmpty(System.IO.Directory.GetFiles(folder, "*.ber"));

        void Write(string name, LdapMessage message) => File.WriteAllBytes(Path.Combine(folder, name.ToLowerInvariant() + ".ber"), LdapCodec.Encode(message));
    }

    /// <summary>Requests that the server under test does something with.</summary>
    private static IEnumerable<(string, LdapOperation, LdapControl[])> Sensible()
    {
        SearchRequest all = new(Suffix, SearchScope.WholeSubtree, Filter.Parse("(|(cn=e1*)(sn>=s4)(!(cn:caseExactMatch:=e2))(cn=*e*3))"), ["*", "+"]);
        string entry = $"cn=e1,{Suffix}";
        yield return ("search", all, []);
        yield return ("search-paged", all, [PagedResultsControl.Create(7, default, critical: true)]);
        yield return ("search-sorted", all, [SortControl.Create([new SortKey("sn", null, true), new SortKey("cn", "2.5.13.3", false)], critical: true)]);
        yield return ("search-sorted-paged", all, [SortControl.Create([new SortKey("sn", null, true)]), PagedResultsControl.Create(3, default, critical: false)]);
        yield return ("search-values", all, [MatchedValuesControl.Create([Filter.Equal("sn", "s1"), new PresentFilter("cn")])]);
        yield return ("search-sync", all, [SyncControls.Create(new SyncRequest(SyncMode.RefreshOnly, null, false), critical: true)]);
        yield return ("search-sync-cookie", all, [SyncControls.Create(new SyncRequest(SyncMode.RefreshOnly, "cookie"u8.ToArray(), true), critical: true)]);
        yield return ("search-persist", all, [SyncControls.Create(new SyncRequest(SyncMode.RefreshAndPersist, null, false), critical: true)]);
        yield return ("search-root", SearchRequest.ReadEntry("", "*", "+"), []);
        yield return ("search-schema", SearchRequest.ReadEntry("cn=subschema", "*", "+"), []);
        yield return ("search-asserted", all, [AssertionControl.Create(Filter.Parse("(cn=e1)"))]);
        yield return ("add", new AddRequest($"cn=new,{Suffix}", new LdapAttribute("objectClass", "person"), new LdapAttribute("sn", "a", "b")), [ReadEntryControl.Create(LdapOids.PostRead, ["*", "+"])]);
        yield return ("delete", new DelRequest($"cn=e9,{Suffix}"), [ReadEntryControl.Create(LdapOids.PreRead, ["*"], critical: true)]);
        yield return ("delete-tree", new DelRequest(entry), [new LdapControl(LdapOids.TreeDelete, true, null)]);
        yield return ("rename", new ModifyDnRequest($"cn=e8,{Suffix}", "cn=E8", true, Suffix), [AssertionControl.Create(Filter.Anything)]);
        yield return ("modify", new ModifyRequest(
            entry,
            new Modification(ModificationType.Add, new LdapAttribute("description", "a", "b")),
            new Modification(ModificationType.Replace, new LdapAttribute("sn", "c")),
            new Modification(ModificationType.Delete, new LdapAttribute("description", "a")),
            new Modification(ModificationType.Increment, new LdapAttribute("telephoneNumber", "1"))), [ReadEntryControl.Create(LdapOids.PreRead, ["sn"]), ReadEntryControl.Create(LdapOids.PostRead, ["sn"])]);
        yield return ("compare", new CompareRequest(entry, "sn", "s1"u8.ToArray()), []);
        yield return ("whoami", new ExtendedRequest(LdapOids.WhoAmI), []);
        yield return ("starttls", new ExtendedRequest(LdapOids.StartTls), []);
        yield return ("cancel", new ExtendedRequest(LdapOids.Cancel, Convert.FromHexString("3003020101")), []);
        yield return ("password", new ExtendedRequest(LdapOids.PasswordModify, PasswordModifyCodec.Encode(new PasswordModification(entry, "a"u8.ToArray(), "b"u8.ToArray()))), []);
        yield return ("transaction-start", new ExtendedRequest(LdapOids.StartTransaction), []);
        yield return ("transaction-part", new DelRequest(entry), [TransactionCodec.CreateSpecification("1"u8.ToArray())]);
        yield return ("transaction-end", new ExtendedRequest(LdapOids.EndTransaction, TransactionCodec.EncodeEnd(new TransactionEnd(true, "1"u8.ToArray()))), []);
        yield return ("lburp-start", new ExtendedRequest(LdapOids.StartLburpRequest, Lburp.EncodeStart(LdapOids.LburpIncrementalStyle)), []);
        yield return ("lburp-update", new ExtendedRequest(LdapOids.LburpUpdateRequest, Lburp.EncodeUpdate(1, [new DelRequest(entry), new AddRequest(entry, new LdapAttribute("objectClass", "person"), new LdapAttribute("sn", "s"))])), []);
        yield return ("lburp-end", new ExtendedRequest(LdapOids.EndLburpRequest, Lburp.EncodeEnd(2)), []);
        yield return ("proxied", all, [new LdapControl(LdapOids.ProxiedAuthorization, true, "dn:cn=e2,o=fuzz"u8.ToArray())]);
    }
}
