namespace Postern.Ldap;

// RFC 2849 (complete): content and changes; a value by URL is refused

/// <summary>
/// Streams the records of an LDIF file, RFC 2849. Values are slices of their record's own octets. Raw UTF-8 in values is taken,
/// though the RFC wants base64 there; values by URL and controls are refused.
/// </summary>
/// <param name="fileName">For messages only.</param>
public sealed class LdifReader(Stream stream, string fileName, LdifLimits? limits = null)
{
    private readonly LdifLimits _limits = limits ?? LdifLimits.Default;
    private readonly LdifAttributes _attributes = new();

    /// <summary>Reads on as the records are taken. Once only: the stream is not rewound.</summary>
    /// <exception cref="LdifException">What is not LDIF, or passes a limit; with file and line.</exception>
    public IEnumerable<LdifRecord> Read()
    {
        LdifBlocks blocks = new(stream, fileName, _limits);
        LdifLines lines = new(fileName, _limits);
        bool first = true;
        while (blocks.Next(out int line) is { } block)
        {
            lines.Open(block, line);
            bool any = lines.MoveNext();
            if (any && first)
            {
                first = false;
                any = SkipVersion(lines);
            }

            if (any)
            {
                yield return ReadRecord(lines);
            }
        }
    }

    private static bool SkipVersion(LdifLines lines)
    {
        if (!lines.Current.StartsWith("version:"u8))
        {
            return true;
        }

        (_, ReadOnlyMemory<byte> version) = lines.Split();
        return version.Span.SequenceEqual("1"u8)
            ? lines.MoveNext()
            : throw lines.Fail("only version 1 of LDIF is known (RFC 2849)");
    }

    private LdifRecord ReadRecord(LdifLines lines)
    {
        int line = lines.Line;
        (string name, ReadOnlyMemory<byte> value) = lines.Split();
        if (!AttributeDescription.Comparer.Equals(name, "dn"))
        {
            throw lines.Fail($"a record begins with \"dn:\", not with \"{name}:\"");
        }

        string dn = lines.Text(value, "dn");
        if (lines.MoveNext())
        {
            (name, value) = lines.Split();
            if (AttributeDescription.Comparer.Equals(name, "control"))
            {
                throw lines.Fail("controls are not supported");
            }

            if (AttributeDescription.Comparer.Equals(name, "changetype"))
            {
                return new LdifChangeRecord(new LdifChanges(lines, _attributes).Read(dn, lines.Text(value, name)), line);
            }

            Add(lines, name, value);
        }

        ReadAttributes(lines);
        return new LdifContentRecord(new LdapEntry(dn, _attributes.Take()), line);
    }

    private void ReadAttributes(LdifLines lines)
    {
        while (lines.MoveNext())
        {
            (string name, ReadOnlyMemory<byte> value) = lines.Split();
            Add(lines, name, value);
        }
    }

    private void Add(LdifLines lines, string name, ReadOnlyMemory<byte> value)
    {
        if (!_attributes.TryAdd(name, value))
        {
            throw lines.Fail($"\"{name}\" is no attribute description");
        }

        // A second dn: is a record whose empty line before it is missing, not an attribute.
        if (AttributeDescription.Comparer.Equals(name, "dn"))
        {
            throw lines.Fail("a second \"dn:\" in one record; records are parted by an empty line");
        }
    }
}
