using System.Buffers;
using Postern.Ldap.Codec;
using Postern.Ldap.Tests.Generation;

namespace Postern.Ldap.Tests.Codec;

public class LdapCodecTests
{
    public static TheoryData<LdapOperationTag> AllOperations => [.. Enum.GetValues<LdapOperationTag>()];

    [Theory]
    [MemberData(nameof(AllOperations))]
    public void Message_comes_back_as_it_was(LdapOperationTag tag)
    {
        Property.Holds(300, generator =>
        {
            LdapMessage message = generator.Message(tag);
            byte[] octets = LdapCodec.Encode(message);
            ArrayBufferWriter<byte> buffer = new();
            LdapCodec.Encode(message, buffer);
            Assert.Equal(octets, buffer.WrittenSpan.ToArray());
            Assert.Equal(Model.Describe(message), Model.Describe(LdapCodec.Decode(octets, LdapLimits.Default)));
        });
    }

    [Theory]
    [MemberData(nameof(AllOperations))]
    public void Every_truncation_is_incomplete_and_no_message(LdapOperationTag tag)
    {
        Property.Holds(5, generator =>
        {
            byte[] octets = LdapCodec.Encode(generator.Message(tag));
            for (int length = 0; length < octets.Length; length++)
            {
                ReadOnlyMemory<byte> part = octets.AsMemory(0, length);
                Assert.Equal(LdapFrameStatus.Incomplete, LdapCodec.TryFrame(new ReadOnlySequence<byte>(part), LdapLimits.Default, out _));
                Assert.Throws<LdapProtocolException>(() => LdapCodec.Decode(part, LdapLimits.Default));
            }

            Assert.Equal(LdapFrameStatus.Complete, LdapCodec.TryFrame(new ReadOnlySequence<byte>([.. octets, 0x30]), LdapLimits.Default, out int framed));
            Assert.Equal(octets.Length, framed);
        });
    }

    [Theory]
    [MemberData(nameof(AllOperations))]
    public void Operation_cut_within_a_whole_message_is_read_or_refused(LdapOperationTag tag)
    {
        Property.Holds(20, generator =>
        {
            byte[] octets = LdapCodec.Encode(new LdapMessage(1, generator.Operation(tag)));
            Assert.Equal(BerStatus.Ok, BerHeader.TryRead(octets, out _, out int outer, out _));
            Assert.Equal(BerStatus.Ok, BerHeader.TryRead(octets.AsSpan(outer + 3), out byte identifier, out int header, out int length));
            ReadOnlySpan<byte> content = octets.AsSpan(outer + 3 + header, length);
            for (int cut = 0; cut < length; cut++)
            {
                Survives(Wrap(BerTag.Sequence, [2, 1, 1, .. Wrap(identifier, content[..cut])]));
            }
        });
    }

    [Theory]
    [MemberData(nameof(AllOperations))]
    public void Damaged_octets_are_read_or_refused_and_nothing_else(LdapOperationTag tag)
    {
        Property.Holds(1000, generator =>
        {
            Survives(generator.Mutate(LdapCodec.Encode(generator.Message(tag))));
        });
    }

    [Fact]
    public void Arbitrary_octets_are_read_or_refused_and_nothing_else()
    {
        Property.Holds(10000, generator =>
        {
            byte[] noise = generator.Octets(60);
            LdapCodec.TryFrame(new ReadOnlySequence<byte>(noise), LdapLimits.Default, out _);
            Survives(Wrap(BerTag.Sequence, [2, 1, 1, .. Wrap((byte)(0x40 | generator.Number(0x40)), noise)]));
        });
    }

    /// <summary>Either refused in the one right way, or a model that can be written and read again to the same.</summary>
    private static void Survives(byte[] octets)
    {
        LdapMessage message;
        try
        {
            message = LdapCodec.Decode(octets, LdapLimits.Default);
        }
        catch (LdapProtocolException)
        {
            return;
        }

        if (message.Operation is not BindRequest { Credentials: UnknownCredentials })
        {
            LdapMessage again = LdapCodec.Decode(LdapCodec.Encode(message), LdapLimits.Default);
            Assert.Equal(Model.Describe(message), Model.Describe(again));
        }
    }

    private static byte[] Wrap(byte tag, ReadOnlySpan<byte> content) =>
        [tag, 0x84, (byte)(content.Length >> 24), (byte)(content.Length >> 16), (byte)(content.Length >> 8), (byte)content.Length, .. content];

    [Fact]
    public void Octets_are_those_of_the_specification()
    {
        Assert.Equal("300c020101600702010304008000", Hex(new BindRequest(3, "", new SimpleCredentials(default))));
        Assert.Equal("30050201014200", Hex(new UnbindRequest()));
        Assert.Equal("300602010150012a", Hex(new AbandonRequest(42)));
        Assert.Equal("300c020101" + "4a0764633d6f6e6531", Hex(new DelRequest("dc=one1")));
        Assert.Equal(
            "30250201016320" + "0400" + "0a0100" + "0a0100" + "020100" + "020100" + "010100" + "870b6f626a656374436c617373" + "3000",
            Hex(SearchRequest.ReadEntry("")));
        Assert.Equal("300c02010165070a010004000400", Hex(new SearchResultDone(LdapResult.Success)));

        static string Hex(LdapOperation operation) => Convert.ToHexStringLower(LdapCodec.Encode(new LdapMessage(1, operation)));
    }

    [Fact]
    public void Values_keep_their_order_though_they_travel_as_a_set()
    {
        LdapMessage message = new(1, new AddRequest("dc=x", new LdapAttribute("cn", "z", "bb", "a", "")));
        AddRequest read = (AddRequest)LdapCodec.Decode(LdapCodec.Encode(message), LdapLimits.Default).Operation;
        Assert.Equal((string[])["z", "bb", "a", ""], read.Attributes[0].Strings);
    }

    [Fact]
    public void Lengths_with_leading_zeros_are_legal()
    {
        // Active Directory writes every constructed length in four octets.
        byte[] done = Wrap(0x30, [2, 1, 7, .. Wrap(0x65, [0x0a, 1, 0, 4, 0, 4, 0x82, 0, 1, (byte)'x'])]);
        LdapMessage message = LdapCodec.Decode(done, LdapLimits.Default);
        Assert.Equal(new LdapResult(LdapResultCode.Success, "x").DiagnosticMessage, ((SearchResultDone)message.Operation).Result.DiagnosticMessage);
    }

    [Fact]
    public void Later_elements_at_the_end_of_a_sequence_are_ignored()
    {
        // RFC 4511 section 4: sequences may grow.
        byte[] octets = Wrap(0x30, [2, 1, 7, .. Wrap(0x65, [0x0a, 1, 0, 4, 0, 4, 0, 0x8f, 1, 0]), 0xaf, 0]);
        Assert.IsType<SearchResultDone>(LdapCodec.Decode(octets, LdapLimits.Default).Operation);
    }

    [Theory]
    [InlineData("")]
    [InlineData("3000")] // no messageID
    [InlineData("3003020101")] // no protocolOp
    [InlineData("30050201ff4200")] // negative messageID
    [InlineData("300502010142000500")] // octets after the end
    [InlineData("30070201014200ff05")] // half an element after the last
    [InlineData("30060201014201ff")] // unbind with contents
    [InlineData("30050201015f00")] // an application tag beyond the table, in its long form
    [InlineData("30050201016200")] // a constructed unbind
    [InlineData("30050201014000")] // a primitive bind
    [InlineData("30050201010200")] // not of the application class
    [InlineData("300602010150018f")] // abandon of a negative id
    [InlineData("30800201014200" + "0000")] // indefinite length
    [InlineData("30090201014a04636e3dff")] // a name that is not UTF-8
    [InlineData("300a02050000000001" + "4200")] // messageID of five octets
    public void What_is_no_message_is_refused(string hex) =>
        Assert.Throws<LdapProtocolException>(() => LdapCodec.Decode(Convert.FromHexString(hex), LdapLimits.Default));

    [Theory]
    [InlineData("", LdapFrameStatus.Incomplete)]
    [InlineData("30", LdapFrameStatus.Incomplete)]
    [InlineData("3084", LdapFrameStatus.Incomplete)]
    [InlineData("30840000", LdapFrameStatus.Incomplete)]
    [InlineData("31", LdapFrameStatus.Invalid)]
    [InlineData("3080", LdapFrameStatus.Invalid)] // indefinite
    [InlineData("3089", LdapFrameStatus.Invalid)] // a length of nine octets
    [InlineData("30ff", LdapFrameStatus.Invalid)]
    [InlineData("474554202f20", LdapFrameStatus.Invalid)] // GET /
    [InlineData("160301", LdapFrameStatus.Invalid)] // TLS on the plain port
    [InlineData("3f", LdapFrameStatus.Invalid)]
    [InlineData("308400400001", LdapFrameStatus.TooLarge)] // just above 4 MiB
    [InlineData("30847fffffff", LdapFrameStatus.TooLarge)]
    [InlineData("3084ffffffff", LdapFrameStatus.TooLarge)]
    [InlineData("3088ffffffffffffffff", LdapFrameStatus.TooLarge)]
    [InlineData("30880000000000000000", LdapFrameStatus.Complete)]
    public void Head_of_a_buffer_is_told_apart(string hex, LdapFrameStatus status) =>
        Assert.Equal(status, LdapCodec.TryFrame(new ReadOnlySequence<byte>(Convert.FromHexString(hex)), LdapLimits.Default, out _));

    [Fact]
    public void Message_in_many_segments_is_framed()
    {
        byte[] octets = LdapCodec.Encode(new Generator(5).Message(LdapOperationTag.SearchResultEntry));
        Segment first = new(octets.AsMemory(0, 1), 0);
        Segment last = first;
        for (int i = 1; i < octets.Length; i++)
        {
            last = last.Append(octets.AsMemory(i, 1));
        }

        ReadOnlySequence<byte> sequence = new(first, 0, last, 1);
        Assert.Equal(LdapFrameStatus.Complete, LdapCodec.TryFrame(sequence, LdapLimits.Default, out int length));
        Assert.Equal(octets.Length, length);
        Assert.Equal(LdapFrameStatus.Incomplete, LdapCodec.TryFrame(sequence.Slice(0, length - 1), LdapLimits.Default, out _));
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            Segment next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }

    [Fact]
    public void Answers_of_searches_are_written_as_the_general_writer_writes_them() => Property.Holds(500, generator =>
    {
        LdapMessage message = generator.Message(generator.Coin() ? LdapOperationTag.SearchResultEntry : LdapOperationTag.SearchResultDone) with { Controls = [] };
        ArrayBufferWriter<byte> output = new();
        LdapCodec.Encode(message, output);
        Assert.Equal(LdapCodec.Encode(message), output.WrittenSpan);
    });

    [Theory]
    [InlineData(0x7f)]
    [InlineData(0x80)]
    [InlineData(0xff)]
    [InlineData(0x100)]
    [InlineData(0xffff)]
    [InlineData(0x10000)]
    [InlineData(0x1000000)]
    public void Lengths_of_all_sizes_are_written_alike(int octets)
    {
        LdapMessage message = new(int.MaxValue, new SearchResultEntry(new LdapEntry("cn=x", [new LdapAttribute("a", new byte[octets])])));
        ArrayBufferWriter<byte> output = new();
        LdapCodec.Encode(message, output);
        Assert.Equal(LdapCodec.Encode(message), output.WrittenSpan);
    }
}
