using System.Buffers;
using Postern.Ldap.Codec;

namespace Postern.Ldap.Tests.Codec;

/// <summary>Every limit: what just fits is read, one more is refused by name.</summary>
public class LdapLimitsTests
{
    [Fact]
    public void Message_octets_are_bounded_by_what_is_announced()
    {
        byte[] octets = LdapCodec.Encode(new LdapMessage(1, new DelRequest(new string('x', 200))));
        ReadOnlySequence<byte> head = new(octets, 0, 4);
        Assert.Equal(LdapFrameStatus.Incomplete, LdapCodec.TryFrame(head, new LdapLimits { MaxMessageBytes = octets.Length }, out _));
        Assert.Equal(LdapFrameStatus.TooLarge, LdapCodec.TryFrame(head, new LdapLimits { MaxMessageBytes = octets.Length - 1 }, out _));
    }

    [Fact]
    public void Filter_depth_is_bounded()
    {
        LdapLimits limits = new() { MaxFilterDepth = 5 };
        Fits(Search(Nested(5)), limits);
        Refused(Search(Nested(6)), limits, "nested deeper than 5");
    }

    [Fact]
    public void Filter_nodes_are_bounded_whatever_their_shape()
    {
        LdapLimits limits = new() { MaxFilterNodes = 6 };
        Fits(Search(new OrFilter([.. Enumerable.Repeat(Filter.Anything, 5)])), limits);
        Refused(Search(new OrFilter([.. Enumerable.Repeat(Filter.Anything, 6)])), limits, "more than 6 nodes");
        ReadOnlyMemory<byte>[] pieces = [.. Enumerable.Repeat((ReadOnlyMemory<byte>)"a"u8.ToArray(), 5)];
        Fits(Search(new SubstringFilter("cn", null, pieces, null)), limits);
        Refused(Search(new SubstringFilter("cn", null, pieces, pieces[0])), limits, "more than 6 nodes");
    }

    [Fact]
    public void Filter_nested_a_hundred_thousand_times_takes_no_stack()
    {
        byte[] filter = [0x87, 0];
        const int Levels = 100_000;
        List<byte> heads = [];
        for (int length = filter.Length + ((Levels - 1) * 6); length >= filter.Length; length -= 6)
        {
            heads.AddRange([0xa2, 0x84, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length]);
        }

        BerReader reader = new((byte[])[.. heads, .. filter]);
        string? message = null;
        try
        {
            FilterCodec.Read(ref reader, LdapLimits.Default);
        }
        catch (LdapProtocolException e)
        {
            message = e.Message;
        }

        Assert.Equal("filter: nested deeper than 32 levels", message);
    }

    [Fact]
    public void Attributes_values_and_changes_are_bounded()
    {
        LdapLimits limits = new() { MaxAttributes = 3, MaxValues = 3 };
        LdapAttribute one = new("cn", "a");
        Fits(new AddRequest("", one, one, one), limits);
        Refused(new AddRequest("", one, one, one, one), limits, "attributes: more than 3");
        Fits(new AddRequest("", new LdapAttribute("cn", "a", "b", "c")), limits);
        Refused(new AddRequest("", new LdapAttribute("cn", "a", "b", "c", "d")), limits, "cn: more than 3 values");
        Modification change = new(ModificationType.Add, one);
        Fits(new ModifyRequest("", change, change, change), limits);
        Refused(new ModifyRequest("", change, change, change, change), limits, "changes: more than 3");
        Fits(SearchRequest.ReadEntry("", "a", "b", "c"), limits);
        Refused(SearchRequest.ReadEntry("", "a", "b", "c", "d"), limits, "more than 3 asked for");
    }

    [Fact]
    public void Names_are_bounded_wherever_they_stand()
    {
        LdapLimits limits = new() { MaxDnBytes = 10 };
        string fits = new('x', 10);
        string above = new('x', 11);
        foreach (Func<string, LdapOperation> make in (Func<string, LdapOperation>[])
            [
                dn => new DelRequest(dn),
                dn => new AddRequest(dn),
                dn => new ModifyRequest(dn),
                dn => new ModifyDnRequest(dn, "", false),
                dn => new ModifyDnRequest("", dn, false),
                dn => new ModifyDnRequest("", "", false, dn),
                dn => new CompareRequest(dn, "cn", default),
                dn => SearchRequest.ReadEntry(dn),
                dn => BindRequest.Simple(dn, ""),
                dn => new SearchResultEntry(new LdapEntry(dn, [])),
            ])
        {
            Fits(make(fits), limits);
            Refused(make(above), limits, "a name of 11 octets, 10 are allowed");
        }
    }

    [Fact]
    public void Controls_are_bounded()
    {
        LdapControl control = new("1.2", false, null);
        LdapLimits limits = new() { MaxControls = 2 };
        LdapCodec.Decode(LdapCodec.Encode(new LdapMessage(1, new UnbindRequest(), [control, control])), limits);
        LdapProtocolException refusal = Assert.Throws<LdapProtocolException>(
            () => LdapCodec.Decode(LdapCodec.Encode(new LdapMessage(1, new UnbindRequest(), [control, control, control])), limits));
        Assert.Contains("controls: more than 2", refusal.Message, StringComparison.Ordinal);
    }

    private static Filter Nested(int depth) => depth == 1 ? Filter.Anything : new NotFilter(Nested(depth - 1));

    private static SearchRequest Search(Filter filter) => new("", SearchScope.BaseObject, filter, []);

    private static void Fits(LdapOperation operation, LdapLimits limits) =>
        LdapCodec.Decode(LdapCodec.Encode(new LdapMessage(1, operation)), limits);

    private static void Refused(LdapOperation operation, LdapLimits limits, string why)
    {
        LdapProtocolException refusal = Assert.Throws<LdapProtocolException>(() => Fits(operation, limits));
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
    }
}
