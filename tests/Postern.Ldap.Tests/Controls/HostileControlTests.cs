namespace Postern.Ldap.Tests.Controls;

/// <summary>Values above each limit, and values that are nearly right.</summary>
public class HostileControlTests
{
    private static LdapControl Control(string oid, string? hex)
    {
        // Not a conditional expression: its null would become an empty memory.
        if (hex is null)
        {
            return new LdapControl(oid, false, null);
        }

        return new LdapControl(oid, false, Convert.FromHexString(hex));
    }

    private static Filter Nested(int depth)
    {
        Filter filter = new PresentFilter("cn");
        for (int i = 1; i < depth; i++)
        {
            filter = new NotFilter(filter);
        }

        return filter;
    }

    private static void Refused(string message, Action decode) => Assert.Equal(message, Assert.Throws<LdapProtocolException>(decode).Message);

    [Fact]
    public void Assertion_is_bounded_in_depth_and_nodes()
    {
        LdapLimits limits = new() { MaxFilterDepth = 3, MaxFilterNodes = 4 };
        AssertionControl.Decode(AssertionControl.Create(Nested(3)), limits);
        Refused("assertion control: filter: nested deeper than 3 levels", () => AssertionControl.Decode(AssertionControl.Create(Nested(4)), limits));
        Refused("assertion control: filter: nested deeper than 3 levels", () => AssertionControl.Decode(AssertionControl.Create(Nested(5000)), limits));
        Filter item = new PresentFilter("cn");
        AssertionControl.Decode(AssertionControl.Create(new AndFilter([item, item, item])), limits);
        Refused("assertion control: filter: more than 4 nodes", () => AssertionControl.Decode(AssertionControl.Create(new AndFilter([item, item, item, item])), limits));
    }

    [Fact]
    public void Matched_values_are_bounded_and_simple()
    {
        LdapLimits limits = new() { MaxFilterNodes = 3 };
        Filter item = new PresentFilter("cn");
        Assert.Equal(3, MatchedValuesControl.Decode(MatchedValuesControl.Create([item, item, item]), limits).Count);
        Refused("matched values control: filter: more than 3 nodes", () => MatchedValuesControl.Decode(MatchedValuesControl.Create([item, item, item, item]), limits));
        Assert.Throws<ArgumentException>(() => MatchedValuesControl.Create([new NotFilter(item)]));
        Assert.Throws<ArgumentException>(() => MatchedValuesControl.Create([new ExtensibleFilter(null, "cn", default, DnAttributes: true)]));
    }

    [Theory]
    [InlineData("3000")] // no item
    [InlineData("3002a000")] // (&)
    [InlineData("3006a20487" + "02636e")] // (!(cn=*))
    [InlineData("3006a004870" + "2636e")] // (&(cn=*))
    [InlineData("300ca90a8202636e8301618401ff")] // (cn:dn:=a)
    public void Matched_values_that_are_not_simple_are_refused(string hex) =>
        Assert.Throws<LdapProtocolException>(() => MatchedValuesControl.Decode(Control(LdapOids.MatchedValues, hex), LdapLimits.Default));

    [Fact]
    public void Sort_keys_are_bounded()
    {
        LdapLimits limits = new() { MaxSortKeys = 2 };
        SortKey key = new("sn", null, false);
        Assert.Equal(2, SortControl.Decode(SortControl.Create([key, key]), limits).Count);
        Refused("sort control: more than 2 keys", () => SortControl.Decode(SortControl.Create([key, key, key]), limits));
        Refused("sort control: it names no key", () => SortControl.Decode(SortControl.Create([])));
    }

    [Fact]
    public void Read_entry_is_bounded()
    {
        LdapLimits limits = new() { MaxAttributes = 2, MaxDnBytes = 4 };
        ReadEntryControl.Decode(ReadEntryControl.Create(LdapOids.PreRead, ["cn", "sn"]), limits);
        Refused("pre-read control: more than 2 attributes asked for", () => ReadEntryControl.Decode(ReadEntryControl.Create(LdapOids.PreRead, ["a", "b", "c"]), limits));
        LdapAttribute attribute = new("cn", Array.Empty<ReadOnlyMemory<byte>>());
        ReadEntryControl.DecodeResponse(ReadEntryControl.CreateResponse(LdapOids.PostRead, new LdapEntry("dc=x", [attribute, attribute])), limits);
        Assert.Throws<LdapProtocolException>(() => ReadEntryControl.DecodeResponse(
            ReadEntryControl.CreateResponse(LdapOids.PostRead, new LdapEntry("dc=x", [attribute, attribute, attribute])), limits));
        Assert.Throws<LdapProtocolException>(() => ReadEntryControl.DecodeResponse(ReadEntryControl.CreateResponse(LdapOids.PostRead, new LdapEntry("dc=xx", [])), limits));
    }

    [Fact]
    public void Entry_in_a_plain_sequence_is_read_too() =>
        Assert.Equal("dc=x", ReadEntryControl.DecodeResponse(Control(LdapOids.PostRead, "3008040464633d783000"), LdapLimits.Default).Dn);

    [Fact]
    public void Sync_ids_are_bounded()
    {
        LdapLimits limits = new() { MaxValues = 2 };
        Guid id = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");
        IntermediateResponse two = SyncControls.CreateInfo(new SyncIdSet(null, true, [id, id]));
        Assert.Contains("00112233445566778899aabbccddeeff", Convert.ToHexStringLower(two.Value!.Value.Span), StringComparison.Ordinal);
        SyncControls.DecodeInfo(two, limits);
        Refused("sync info message: more than 2 UUIDs", () => SyncControls.DecodeInfo(SyncControls.CreateInfo(new SyncIdSet(null, true, [id, id, id])), limits));
    }

    [Fact]
    public void Outcome_of_a_transaction_is_bounded()
    {
        LdapLimits limits = new() { MaxBatchOperations = 2, MaxControls = 1 };
        LdapControl control = new("1.2", false, null);
        (int, IReadOnlyList<LdapControl>) update = (1, [control]);
        TransactionCodec.DecodeEndResponse(TransactionCodec.EncodeEndResponse(new TransactionOutcome(null, [update, update])), limits);
        Refused("end transaction response: more than 2 updates", () => TransactionCodec.DecodeEndResponse(
            TransactionCodec.EncodeEndResponse(new TransactionOutcome(null, [update, update, update])), limits));
        Refused("controls: more than 1", () => TransactionCodec.DecodeEndResponse(
            TransactionCodec.EncodeEndResponse(new TransactionOutcome(null, [(1, [control, control])])), limits));
    }

    [Fact]
    public void Name_in_a_password_change_is_bounded() => Assert.Throws<LdapProtocolException>(
        () => PasswordModifyCodec.Decode(PasswordModifyCodec.Encode(new PasswordModification("dc=xx", null, null)), new LdapLimits { MaxDnBytes = 4 }));

    [Theory]
    [InlineData(LdapOids.SyncRequest, null)]
    [InlineData(LdapOids.SyncRequest, "30030a0102")] // mode 2
    [InlineData(LdapOids.SyncRequest, "3003020101")] // an INTEGER
    [InlineData(LdapOids.SyncRequest, "30070a01010102ffff")] // a boolean of two octets
    [InlineData(LdapOids.SyncState, "30150a01040410" + "00112233445566778899aabbccddeeff")] // state 4
    [InlineData(LdapOids.SyncState, "30140a0101040f" + "00112233445566778899aabbccddee")] // a UUID of 15 octets
    [InlineData(LdapOids.SyncState, "3003" + "0a0101")] // no UUID
    [InlineData(LdapOids.SyncDone, "3080" + "0000")] // indefinite length
    public void Sync_values_that_are_none_are_refused(string oid, string? hex) => Assert.Throws<LdapProtocolException>(() => _ = oid switch
    {
        LdapOids.SyncRequest => (object)SyncControls.DecodeRequest(Control(oid, hex)),
        LdapOids.SyncState => SyncControls.DecodeState(Control(oid, hex)),
        _ => SyncControls.DecodeDone(Control(oid, hex)),
    });

    [Theory]
    [InlineData("")]
    [InlineData("a000")] // newcookie, constructed
    [InlineData("a400")] // a fifth choice
    [InlineData("a300")] // no set
    [InlineData("a3053103040100")] // a UUID of one octet
    [InlineData("80008000")] // two
    public void Sync_info_that_is_none_is_refused(string hex) => Assert.Throws<LdapProtocolException>(
        () => SyncControls.DecodeInfo(new IntermediateResponse(LdapOids.SyncInfo, Convert.FromHexString(hex)), LdapLimits.Default));

    [Fact]
    public void Absent_values_are_defaults_where_the_specification_has_them_optional()
    {
        Assert.Equal(new PasswordModification(null, null, null), PasswordModifyCodec.Decode(null, LdapLimits.Default));
        Assert.Null(PasswordModifyCodec.EncodeResponse(null));
        Assert.Null(PasswordModifyCodec.DecodeResponse(null));
        Assert.Null(TransactionCodec.EncodeEndResponse(new TransactionOutcome(null, [])));
        Assert.Empty(TransactionCodec.DecodeEndResponse(null, LdapLimits.Default).Controls);
        Assert.True(TransactionCodec.DecodeEnd(Convert.FromHexString("3003040161")).Commit);
        Assert.Throws<LdapProtocolException>(() => TransactionCodec.DecodeEnd(null));
        Assert.Throws<LdapProtocolException>(() => TransactionCodec.DecodeSpecification(Control(LdapOids.TransactionSpecification, null)));
        Assert.Equal("61", Convert.ToHexStringLower(TransactionCodec.DecodeSpecification(TransactionCodec.CreateSpecification("a"u8.ToArray())).Span));
    }

    [Fact]
    public void Passwords_are_not_printed() =>
        Assert.Equal("password of uid=a, hidden", new PasswordModification("uid=a", "secret1"u8.ToArray(), "secret2"u8.ToArray()).ToString());

    [Fact]
    public void Another_control_is_a_mistake_of_the_caller()
    {
        LdapControl other = new("1.2", false, null);
        Assert.Throws<ArgumentException>(() => AssertionControl.Decode(other, LdapLimits.Default));
        Assert.Throws<ArgumentException>(() => ReadEntryControl.Decode(other, LdapLimits.Default));
        Assert.Throws<ArgumentException>(() => SortControl.Decode(other));
        Assert.Throws<ArgumentException>(() => SyncControls.DecodeInfo(new IntermediateResponse("1.2", null), LdapLimits.Default));
    }
}
