using System.Buffers;
using System.Text;
using Postern.Directory;
using Postern.Ldap;
using Postern.Ldap.Codec;
using Postern.Ldap.Tests.Generation;

namespace Postern.Fuzzing.Tests.Targets;

/// <summary>Readers without a socket: messages, filters, names, LDIF, URLs, and every value of a control or an extended operation.</summary>
internal static class WordTargets
{
    /// <summary>Small enough that a short run meets them.</summary>
    private static readonly LdapLimits Limits = new() { MaxFilterNodes = 200, MaxAttributes = 100, MaxValues = 200, MaxDnBytes = 4096, MaxBatchOperations = 50 };

    private static readonly LdifLimits LdifLimits = new() { MaxLineBytes = 64 * 1024, MaxRecordBytes = 128 * 1024 };

    private static readonly LdapEntry Entry = new(
        "cn=Ann,ou=people,o=edge",
        [
            new LdapAttribute("objectClass", "inetOrgPerson"), new LdapAttribute("cn", "Ann", "Änn"), new LdapAttribute("cn;lang-de", "Anna"),
            new LdapAttribute("member", "cn=a,o=edge"), new LdapAttribute("createTimestamp", "20260101000000Z"), new LdapAttribute("supportedLDAPVersion", "3"),
        ]);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("message", 20_000, Corpus.Messages, Message),
        new("value", 10_000, [.. Generated(200), .. Corpus.Messages], Value),
        new("filter", 10_000, [.. Corpus.Text("filter"), .. Texts(100, g => g.Filter().ToString())], FilterText),
        new("match", 20_000, [.. Enumerable.Range(0, 100).Select(i => AssertionControl.Create(new Generator(i).Filter()).Value!.Value.ToArray())], Match),
        new("dn", 10_000, [.. Corpus.Text("dn"), .. Texts(100, g => g.Dn())], Name),
        new("ldif", 10_000, [.. Corpus.Text("ldif"), .. Texts(30, Ldif)], LdifText),
        new("url", 10_000, Corpus.Text("url"), Url),
    ];

    private static string Message(byte[] input)
    {
        LdapFrameStatus frame = LdapCodec.TryFrame(new ReadOnlySequence<byte>(input), Limits, out _);
        LdapMessage message;
        try
        {
            message = LdapCodec.Decode(input, Limits);
        }
        catch (LdapProtocolException e)
        {
            return $"{frame}: {e.Message}";
        }

        if (message.Operation is not BindRequest { Credentials: UnknownCredentials })
        {
            Same(Model.Describe(message), Model.Describe(LdapCodec.Decode(LdapCodec.Encode(message), Limits)));
        }

        return message.Operation.GetType().Name;
    }

    private static string Value(byte[] input)
    {
        StringBuilder words = new();
        foreach (Func<ReadOnlyMemory<byte>, object?> decode in Decoders)
        {
            try
            {
                decode(input);
                words.Append('+');
            }
            catch (LdapProtocolException e)
            {
                words.Append(e.Message).Append(';');
            }
        }

        return words.ToString();
    }

    private static readonly Func<ReadOnlyMemory<byte>, object?>[] Decoders =
    [
        v => AssertionControl.Decode(new LdapControl(LdapOids.Assertion, false, v), Limits),
        v => ReadEntryControl.Decode(new LdapControl(LdapOids.PreRead, false, v), Limits),
        v => ReadEntryControl.DecodeResponse(new LdapControl(LdapOids.PostRead, false, v), Limits),
        v => SortControl.Decode(new LdapControl(LdapOids.SortRequest, false, v), Limits),
        v => SortControl.DecodeResponse(new LdapControl(LdapOids.SortResponse, false, v)),
        v => MatchedValuesControl.Decode(new LdapControl(LdapOids.MatchedValues, false, v), Limits),
        v => PagedResultsControl.Decode(new LdapControl(LdapOids.PagedResults, false, v)),
        v => SyncControls.DecodeRequest(new LdapControl(LdapOids.SyncRequest, false, v)),
        v => SyncControls.DecodeState(new LdapControl(LdapOids.SyncState, false, v)),
        v => SyncControls.DecodeDone(new LdapControl(LdapOids.SyncDone, false, v)),
        v => SyncControls.DecodeInfo(new IntermediateResponse(LdapOids.SyncInfo, v), Limits),
        v => TransactionCodec.DecodeEnd(v),
        v => TransactionCodec.DecodeEndResponse(v, Limits),
        v => PasswordModifyCodec.Decode(v, Limits),
        v => PasswordModifyCodec.DecodeResponse(v),
        v => Lburp.DecodeStart(v),
        v => Lburp.DecodeMaxOperations(v),
        v => Lburp.DecodeEnd(v),
        v => Lburp.DecodeUpdate(v, Limits),
        v => Lburp.DecodeFailures(v, Limits),
        v => AttributeListCodec.Decode(v, Limits),
    ];

    private static string FilterText(byte[] input)
    {
        if (!FilterParser.TryParse(Encoding.UTF8.GetString(input), out Filter? filter, out string error))
        {
            return error;
        }

        Same(Model.Describe(filter), Model.Describe(Filter.Parse(filter.ToString())));
        return filter.GetType().Name;
    }

    private static string Match(byte[] input)
    {
        try
        {
            Filter filter = AssertionControl.Decode(new LdapControl(LdapOids.Assertion, true, input), Limits);
            return $"{FilterEvaluator.Matches(filter, Entry, PosternSchema.Edge)} {filter.GetType().Name}";
        }
        catch (LdapProtocolException e)
        {
            return e.Message;
        }
    }

    private static string Name(byte[] input)
    {
        if (!DistinguishedName.TryParse(Encoding.UTF8.GetString(input), out DistinguishedName dn, out string error))
        {
            return error;
        }

        Same(dn.Normalized, DistinguishedName.Parse(dn.ToString()).Normalized);
        Same(dn.Normalized, DistinguishedName.Parse(dn.Normalized).Normalized);
        return $"{dn.Depth} deep";
    }

    private static string LdifText(byte[] input)
    {
        int records = 0;
        try
        {
            foreach (LdifRecord record in new LdifReader(new MemoryStream(input), "input", LdifLimits).Read())
            {
                records++;
            }
        }
        catch (LdifException e)
        {
            return e.Message;
        }

        return $"{records} records";
    }

    private static string Url(byte[] input)
    {
        if (!LdapUrl.TryParse(Encoding.UTF8.GetString(input), out LdapUrl? url, out string error))
        {
            return error;
        }

        if (url.ToString() is { } text && text.Length <= LdapLimits.Default.MaxUrlChars)
        {
            Same(Model.Describe(url), Model.Describe(LdapUrl.Parse(text)));
        }

        return $"{url.Scheme} {url.Scope}";
    }

    private static void Same(string first, string again)
    {
        if (first != again)
        {
            throw new InvalidDataException($"read and written again it is another: {first} became {again}");
        }
    }

    private static IEnumerable<byte[]> Texts(int count, Func<Generator, string> make) => Enumerable.Range(0, count).Select(i => Encoding.UTF8.GetBytes(make(new Generator(i))));

    private static string Ldif(Generator generator)
    {
        StringWriter text = new();
        LdifWriter writer = new(text);
        generator.Many(3, generator.Entry).ForEach(writer.Write);
        return text.ToString();
    }

    /// <summary>Right values of every kind that <see cref="Decoders"/> read.</summary>
    private static IEnumerable<byte[]> Generated(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Generator g = new(i);
            yield return (i % 14) switch
            {
                0 => Of(AssertionControl.Create(g.Filter())),
                1 => Of(ReadEntryControl.Create(LdapOids.PreRead, g.Many(4, g.Description))),
                2 => Of(ReadEntryControl.CreateResponse(LdapOids.PostRead, g.Entry())),
                3 => Of(SortControl.Create(g.Some(4, g.SortKey))),
                4 => Of(SortControl.CreateResponse(LdapResultCode.NoSuchAttribute, "cn")),
                5 => Of(MatchedValuesControl.Create(g.Some(4, g.SimpleItem))),
                6 => Of(PagedResultsControl.Create(g.Number(5000), g.Octets(), critical: false)),
                7 => Of(SyncControls.Create(g.SyncRequest(), critical: false)),
                8 => Of(SyncControls.Create(g.SyncState())),
                9 => Of(SyncControls.Create(new SyncDone(g.Octets(), true))),
                10 => SyncControls.CreateInfo(g.SyncInfo()).Value!.Value.ToArray(),
                11 => TransactionCodec.EncodeEndResponse(g.TransactionOutcome() with { FailedMessageId = 7 })!,
                12 => PasswordModifyCodec.Encode(new PasswordModification(g.Dn(), g.Octets(), g.Octets())),
                _ => Lburp.EncodeUpdate(1 + i, g.Many(4, g.Update)),
            };
        }

        static byte[] Of(LdapControl control) => control.Value!.Value.ToArray();
    }
}
