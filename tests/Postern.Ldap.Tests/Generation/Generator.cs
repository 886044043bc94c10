using System.Text;

namespace Postern.Ldap.Tests.Generation;

/// <summary>Makes arbitrary models from a seed: the same seed, the same models.</summary>
internal sealed class Generator(int seed)
{
    private static readonly string[] Alphabet =
        ["a", "b", "Z", "0", "9", " ", "  ", ",", "+", "=", "\"", "\\", "<", ">", ";", "#", "*", "(", ")", ":", "é", "ß", "Σ", "日", "𐐀", "\t", "\n", "\r", "\0", "\u00a0", "-"];

    private static readonly string[] Types = ["cn", "CN", "ou", "dc", "mail", "objectClass", "1.2.840.113556.1.4.1", "posternAddressHash", "uid"];

    private readonly Random _random = new(seed);

    public int Number(int below) => _random.Next(below);

    public bool Coin() => _random.Next(2) == 0;

    public T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];

    public string Text(int maxPieces = 8) => string.Concat(Many(maxPieces, () => Pick(Alphabet)));

    public byte[] Octets(int max = 40)
    {
        byte[] octets = new byte[_random.Next(max)];
        _random.NextBytes(octets);
        return octets;
    }

    /// <summary>Octets that are text as often as not.</summary>
    public byte[] Value() => Coin() ? Encoding.UTF8.GetBytes(Text()) : Octets();

    public List<T> Many<T>(int max, Func<T> make)
    {
        List<T> made = [];
        for (int n = _random.Next(max + 1); n > 0; n--)
        {
            made.Add(make());
        }

        return made;
    }

    public string Type() => Pick(Types);

    public string Description() => Coin() ? Type() : Type() + ";lang-de" + (Coin() ? ";binary" : "");

    public string Dn() => string.Join(',', Many(5, () => string.Join('+', Many(1, () => Ava()).Append(Ava()))));

    private string Ava() => $"{Type()}={DistinguishedName.EscapeValue(Text())}";

    public LdapAttribute Attribute() => new(Description(), Many(4, () => (ReadOnlyMemory<byte>)Value()));

    /// <summary>Attributes of different descriptions, each with a value: what an entry has.</summary>
    public LdapEntry Entry() => new(Dn(), Many(6, Attribute)
        .Where(a => a.Values.Count > 0)
        .DistinctBy(a => a.Description, AttributeDescription.Comparer)
        .ToList());

    public Filter Filter(int depth = 4) => _random.Next(depth > 1 ? 10 : 7) switch
    {
        0 => new EqualityFilter(Description(), Value()),
        1 => new GreaterOrEqualFilter(Description(), Value()),
        2 => new LessOrEqualFilter(Description(), Value()),
        3 => new ApproximateFilter(Description(), Value()),
        4 => new PresentFilter(Description()),
        5 => Substring(),
        6 => Extensible(),
        7 => new NotFilter(Filter(depth - 1)),
        8 => new AndFilter(Many(3, () => Filter(depth - 1))),
        _ => new OrFilter(Many(3, () => Filter(depth - 1))),
    };

    private SubstringFilter Substring()
    {
        ReadOnlyMemory<byte>? initial = Coin() ? (ReadOnlyMemory<byte>?)Filled() : null;
        ReadOnlyMemory<byte>? final = Coin() ? (ReadOnlyMemory<byte>?)Filled() : null;
        List<ReadOnlyMemory<byte>> any = Many(3, () => (ReadOnlyMemory<byte>)Filled());
        return new SubstringFilter(Description(), initial is null && final is null && any.Count == 0 ? (ReadOnlyMemory<byte>?)Filled() : initial, any, final);
    }

    private byte[] Filled() => [(byte)_random.Next(256), .. Value()];

    private ExtensibleFilter Extensible()
    {
        string? rule = Coin() ? Pick<string>(["caseIgnoreMatch", "2.5.13.5"]) : null;
        return new ExtensibleFilter(rule, rule is null || Coin() ? Description() : null, Value(), Coin());
    }

    public LdapResult Result() => new(
        Pick(Enum.GetValues<LdapResultCode>()), Dn(), Text().TrimEnd('\0'), Many(2, () => "ldap://host/" + Number(9)));

    private ReadOnlyMemory<byte>? Optional() => Coin() ? (ReadOnlyMemory<byte>?)Value() : null;

    public IUpdateOperation Update() => Number(4) switch
    {
        0 => new AddRequest(Dn(), Many(5, Attribute)),
        1 => new ModifyRequest(Dn(), Many(5, () => new Modification(Pick(Enum.GetValues<ModificationType>()), Attribute()))),
        2 => new DelRequest(Dn()),
        _ => new ModifyDnRequest(Dn(), Ava(), Coin(), Coin() ? Dn() : null),
    };

    /// <summary>Every operation in turn.</summary>
    public LdapOperation Operation(LdapOperationTag tag) => tag switch
    {
        LdapOperationTag.BindRequest => new BindRequest(3, Dn(), Coin() ? new SimpleCredentials(Value()) : new SaslCredentials("EXTERNAL", Optional())),
        LdapOperationTag.BindResponse => new BindResponse(Result(), Optional()),
        LdapOperationTag.UnbindRequest => new UnbindRequest(),
        LdapOperationTag.SearchRequest => new SearchRequest(Dn(), Pick(Enum.GetValues<SearchScope>()), Filter(), Many(4, Description))
        {
            DerefAliases = Pick(Enum.GetValues<DerefAliases>()),
            SizeLimit = Number(int.MaxValue),
            TimeLimit = Number(70000),
            TypesOnly = Coin(),
        },
        LdapOperationTag.SearchResultEntry => new SearchResultEntry(new LdapEntry(Dn(), Many(6, Attribute))),
        LdapOperationTag.SearchResultDone => new SearchResultDone(Result()),
        LdapOperationTag.SearchResultReference => new SearchResultReference(Many(3, () => "ldap://host/" + Number(9))),
        LdapOperationTag.ModifyRequest => new ModifyRequest(Dn(), Many(5, () => new Modification(Pick(Enum.GetValues<ModificationType>()), Attribute()))),
        LdapOperationTag.ModifyResponse => new ModifyResponse(Result()),
        LdapOperationTag.AddRequest => new AddRequest(Dn(), Many(5, Attribute)),
        LdapOperationTag.AddResponse => new AddResponse(Result()),
        LdapOperationTag.DelRequest => new DelRequest(Dn()),
        LdapOperationTag.DelResponse => new DelResponse(Result()),
        LdapOperationTag.ModifyDnRequest => new ModifyDnRequest(Dn(), Ava(), Coin(), Coin() ? Dn() : null),
        LdapOperationTag.ModifyDnResponse => new ModifyDnResponse(Result()),
        LdapOperationTag.CompareRequest => new CompareRequest(Dn(), Description(), Value()),
        LdapOperationTag.CompareResponse => new CompareResponse(Result()),
        LdapOperationTag.AbandonRequest => new AbandonRequest(Number(int.MaxValue)),
        LdapOperationTag.ExtendedRequest => new ExtendedRequest(LdapOids.WhoAmI, Optional()),
        LdapOperationTag.ExtendedResponse => new ExtendedResponse(Result(), Coin() ? LdapOids.StartTls : null, Optional()),
        LdapOperationTag.IntermediateResponse => new IntermediateResponse(Coin() ? LdapOids.StartTls : null, Optional()),
        _ => throw new ArgumentOutOfRangeException(nameof(tag)),
    };

    public LdapMessage Message(LdapOperationTag tag) => new(
        Number(int.MaxValue), Operation(tag), Many(2, () => new LdapControl(LdapOids.PagedResults, Coin(), Optional())));

    /// <summary>The octets with one to four of them changed, taken out, doubled or set to what hurts most in BER.</summary>
    public byte[] Mutate(ReadOnlySpan<byte> octets)
    {
        List<byte> mutated = [.. octets];
        for (int n = 1 + Number(4); n > 0 && mutated.Count > 0; n--)
        {
            int at = Number(mutated.Count);
            switch (Number(5))
            {
                case 0: mutated[at] = (byte)Number(256); break;
                case 1: mutated[at] ^= (byte)(1 << Number(8)); break;
                case 2: mutated.RemoveAt(at); break;
                case 3: mutated.Insert(at, mutated[at]); break;
                default: mutated[at] = Pick<byte>([0, 1, 0x7f, 0x80, 0x81, 0x84, 0x88, 0xff, 0x30, 0x04]); break;
            }
        }

        return [.. mutated];
    }
}
