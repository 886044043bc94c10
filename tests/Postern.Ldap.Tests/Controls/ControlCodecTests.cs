using Postern.Ldap.Tests.Generation;

namespace Postern.Ldap.Tests.Controls;

/// <summary>What holds for every value codec: round trip, truncation, damage. One line per codec in <see cref="Codecs"/>.</summary>
[Trait("RFC", "2696")]
[Trait("RFC", "2891")]
[Trait("RFC", "3062")]
[Trait("RFC", "3876")]
[Trait("RFC", "4373")]
[Trait("RFC", "4527")]
[Trait("RFC", "4528")]
[Trait("RFC", "4533")]
[Trait("RFC", "5805")]
public class ControlCodecTests
{
    private static readonly LdapLimits Limits = LdapLimits.Default;

    /// <param name="Sample">A model and its encoding.</param>
    /// <param name="Decode">The encoding to a model.</param>
    private sealed record Codec(Func<Generator, (object Model, ReadOnlyMemory<byte> Octets)> Sample, Func<ReadOnlyMemory<byte>, object?> Decode);

    private static readonly Dictionary<string, Codec> Codecs = new()
    {
        ["assertion"] = Of(g => g.Filter(), f => AssertionControl.Create(f), c => AssertionControl.Decode(c, Limits)),
        ["pre-read"] = Of(g => g.Many(4, g.Description), a => ReadEntryControl.Create(LdapOids.PreRead, a), c => ReadEntryControl.Decode(c, Limits)),
        ["post-read response"] = Of(g => g.Entry(), e => ReadEntryControl.CreateResponse(LdapOids.PostRead, e), c => ReadEntryControl.DecodeResponse(c, Limits)),
        ["sort"] = Of(g => g.Some(4, g.SortKey), k => SortControl.Create(k), c => SortControl.Decode(c)),
        ["sort response"] = Of(
            g => (Code: g.Pick(Enum.GetValues<LdapResultCode>()), Attribute: g.OptionalText()),
            r => SortControl.CreateResponse(r.Code, r.Attribute),
            c => SortControl.DecodeResponse(c)),
        ["matched values"] = Of(g => g.Some(4, g.SimpleItem), f => MatchedValuesControl.Create(f), c => MatchedValuesControl.Decode(c, Limits)),
        ["paged results"] = Of(
            g => (Size: g.Number(int.MaxValue), Cookie: (ReadOnlyMemory<byte>)g.Octets()),
            p => PagedResultsControl.Create(p.Size, p.Cookie, critical: true),
            c => PagedResultsControl.Decode(c)),
        ["DirSync request"] = Of(
            g => (Flags: (DirSyncFlags)g.Number(int.MaxValue), MaxBytes: g.Number(int.MaxValue), Cookie: (ReadOnlyMemory<byte>)g.Octets()),
            r => DirSyncControl.Create(r.Flags, r.MaxBytes, r.Cookie),
            c => DirSyncControl.DecodeRequest(c)),
        ["DirSync answer"] = Of(g => new DirSyncAnswer(g.Coin(), g.Octets()), a => DirSyncControl.CreateAnswer(a), c => DirSyncControl.DecodeAnswer(c)),
        ["sync request"] = Of(g => g.SyncRequest(), r => SyncControls.Create(r, critical: true), c => SyncControls.DecodeRequest(c)),
        ["sync state"] = Of(g => g.SyncState(), s => SyncControls.Create(s), c => SyncControls.DecodeState(c)),
        ["sync done"] = Of(g => new SyncDone(g.Optional(), g.Coin()), d => SyncControls.Create(d), c => SyncControls.DecodeDone(c)),
        ["sync info"] = new(
            g => Pair(g.SyncInfo(), i => SyncControls.CreateInfo(i).Value!.Value),
            v => SyncControls.DecodeInfo(new IntermediateResponse(LdapOids.SyncInfo, v), Limits)),
        ["end transaction"] = new(
            g => Pair(new TransactionEnd(g.Coin(), g.Octets()), e => TransactionCodec.EncodeEnd(e)), v => TransactionCodec.DecodeEnd(v)),
        ["end transaction response"] = new(
            g => Pair(g.TransactionOutcome() with { FailedMessageId = 1 }, o => TransactionCodec.EncodeEndResponse(o)!),
            v => TransactionCodec.DecodeEndResponse(v, Limits)),
        ["password modify"] = new(
            g => Pair(new PasswordModification(g.Coin() ? g.Dn() : null, g.Optional(), g.Optional()), m => PasswordModifyCodec.Encode(m)),
            v => PasswordModifyCodec.Decode(v, Limits)),
        ["password modify response"] = new(
            g => Pair((ReadOnlyMemory<byte>)g.Octets(), p => PasswordModifyCodec.EncodeResponse(p)!), v => PasswordModifyCodec.DecodeResponse(v)),
        ["bulk update"] = new(
            g => Pair((1 + g.Number(1000), (IReadOnlyList<IUpdateOperation>)g.Many(3, g.Update)), u => Lburp.EncodeUpdate(u.Item1, u.Item2)),
            v => Lburp.DecodeUpdate(v, Limits)),
    };

    public static TheoryData<string> Names => [.. Codecs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Value_comes_back_as_it_was(string name)
    {
        Property.Holds(300, generator =>
        {
            (object model, ReadOnlyMemory<byte> octets) = Codecs[name].Sample(generator);
            Assert.Equal(Model.Describe(model), Model.Describe(Codecs[name].Decode(octets)));
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_prefix_and_every_tail_is_refused(string name)
    {
        Property.Holds(20, generator =>
        {
            byte[] octets = Codecs[name].Sample(generator).Octets.ToArray();
            for (int length = 0; length < octets.Length; length++)
            {
                Assert.Throws<LdapProtocolException>(() => Codecs[name].Decode(octets.AsMemory(0, length)));
            }

            Assert.Throws<LdapProtocolException>(() => Codecs[name].Decode((byte[])[.. octets, 0x05, 0x00]));
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_value_is_read_or_refused_and_nothing_else(string name)
    {
        Property.Holds(2000, generator =>
        {
            try
            {
                Codecs[name].Decode(generator.Mutate(Codecs[name].Sample(generator).Octets.Span));
            }
            catch (LdapProtocolException e)
            {
                Assert.NotEqual("", e.Message);
            }
        });
    }

    /// <summary>Of a control: its value is what is tested, its OID goes back in.</summary>
    private static Codec Of<T>(Func<Generator, T> generate, Func<T, LdapControl> create, Func<LdapControl, object?> decode)
        where T : notnull
    {
        string oid = create(generate(new Generator(1))).Oid;
        return new Codec(g => Pair(generate(g), m => create(m).Value!.Value), v => decode(new LdapControl(oid, false, v)));
    }

    private static (object, ReadOnlyMemory<byte>) Pair<T>(T model, Func<T, ReadOnlyMemory<byte>> encode)
        where T : notnull => (model, encode(model));
}
