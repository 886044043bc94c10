namespace Postern.Ldap;

/// <summary>Reads a schema from LDIF files: attributeTypes and objectClasses as RFC 4512 section 4.1 describes them. Types may use what
/// any of the files defines, in whatever order.</summary>
public sealed class SchemaReader
{
    private static readonly string[] AttributeFlags = ["OBSOLETE", "SINGLE-VALUE", "COLLECTIVE", "NO-USER-MODIFICATION"];
    private static readonly string[] AttributeKeys = [.. AttributeFlags, "NAME", "DESC", "SUP", "EQUALITY", "ORDERING", "SUBSTR", "SYNTAX", "USAGE"];
    private static readonly string[] ClassFlags = ["OBSOLETE", "ABSTRACT", "STRUCTURAL", "AUXILIARY"];
    private static readonly string[] ClassKeys = [.. ClassFlags, "NAME", "DESC", "SUP", "MUST", "MAY"];

    private readonly List<Definition> _attributes = [];
    private readonly List<Definition> _classes = [];
    private readonly Dictionary<string, Definition> _attributeNames = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Definition> _classNames = new(StringComparer.OrdinalIgnoreCase);

    private SchemaReader()
    {
    }

    /// <param name="files">Name for messages, and content.</param>
    /// <exception cref="SchemaException">The first thing that is wrong, with file and line.</exception>
    public static DirectorySchema Read(IEnumerable<(string File, string Text)> files)
    {
        SchemaReader reader = new();
        foreach ((string file, string text) in files)
        {
            reader.ReadFile(file, text);
        }

        foreach (Definition definition in reader._attributes)
        {
            reader.Complete(definition);
        }

        return new DirectorySchema(reader._attributes.Select(d => d.Attribute!), reader._classes.ConvertAll(reader.CompleteClass));
    }

    private void ReadFile(string file, string text)
    {
        foreach ((int line, string content) in Unfold(text))
        {
            int colon = content.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
            {
                throw new SchemaException(file, line, "neither a comment nor \"attribute: value\"");
            }

            string value = content[(colon + 1)..].Trim(' ');
            switch (content[..colon].ToLowerInvariant())
            {
                case "attributetypes":
                    Add(file, line, value, AttributeFlags, AttributeKeys, _attributes, _attributeNames, "attribute type");
                    break;
                case "objectclasses":
                    Add(file, line, value, ClassFlags, ClassKeys, _classes, _classNames, "object class");
                    break;
                case "dn" or "cn" or "objectclass":
                    break; // the entry that the values belong to
                default:
                    throw new SchemaException(file, line, $"{content[..colon]} is not part of a schema: attributeTypes and objectClasses are");
            }
        }
    }

    /// <summary>Lines without comments, folded ones made whole, each with the number it begins at.</summary>
    private static IEnumerable<(int Line, string Content)> Unfold(string text)
    {
        int number = 0;
        int start = 0;
        string? pending = null;
        bool inComment = false;
        foreach (string line in text.Split('\n').Select(l => l.TrimEnd('\r')))
        {
            number++;
            if (line.StartsWith(' '))
            {
                pending = inComment ? pending : pending + line[1..];
                continue;
            }

            inComment = line.StartsWith('#');
            if (inComment)
            {
                continue;
            }

            if (!string.IsNullOrWhiteSpace(pending))
            {
                yield return (start, pending);
            }

            (start, pending) = (number, line);
        }

        if (!string.IsNullOrWhiteSpace(pending))
        {
            yield return (start, pending);
        }
    }

    private static void Add(
        string file, int line, string text, string[] flags, string[] keys, List<Definition> list, Dictionary<string, Definition> names, string what)
    {
        SchemaDescription words;
        try
        {
            words = SchemaDescription.Parse(text, flags);
        }
        catch (FormatException e)
        {
            throw new SchemaException(file, line, e.Message);
        }

        Definition definition = new(file, line, words);
        if (words.Keys.FirstOrDefault(k => !keys.Contains(k) && !k.StartsWith("X-", StringComparison.Ordinal)) is { } unknown)
        {
            throw definition.Wrong($"{unknown} is no keyword of an {what}");
        }

        if (words.Several("NAME").Count == 0)
        {
            throw definition.Wrong($"{what} {words.Oid} has no NAME");
        }

        list.Add(definition);
        foreach (string name in words.Several("NAME").Append(words.Oid))
        {
            if (!AttributeDescription.IsValid(name) || name.Contains(';', StringComparison.Ordinal))
            {
                throw definition.Wrong($"\"{name}\" is no name");
            }

            if (!names.TryAdd(name, definition))
            {
                throw definition.Wrong($"{name} is already defined in {names[name].File}, line {names[name].Line}");
            }
        }
    }

    /// <summary>Makes the type, its supertypes first: what a type does not say it has from them (RFC 4512 section 2.5.1).</summary>
    private void Complete(Definition definition)
    {
        List<Definition> chain = [];
        for (Definition? next = definition; next is { Attribute: null };)
        {
            if (chain.Contains(next))
            {
                throw next.Wrong($"{next.Name} is a subtype of itself");
            }

            chain.Add(next);
            string? superior = next.Single("SUP");
            next = superior is null ? null
                : _attributeNames.TryGetValue(superior, out Definition? found) ? found
                : throw next.Wrong($"{next.Name}: the supertype {superior} is not defined");
        }

        chain.Reverse();
        foreach (Definition next in chain)
        {
            next.Attribute = MakeAttribute(next, next.Single("SUP") is { } superior ? _attributeNames[superior].Attribute : null);
        }
    }

    private static AttributeType MakeAttribute(Definition definition, AttributeType? superior)
    {
        MatchingRuleDefinition? equality = Rule(definition, "EQUALITY", MatchingUse.Equality) ?? superior?.EqualityRule;
        string syntax = definition.Single("SYNTAX") ?? superior?.Syntax ?? throw definition.Wrong($"{definition.Name} has neither SYNTAX nor SUP");
        syntax = syntax.IndexOf('{', StringComparison.Ordinal) is var bound and > 0 ? syntax[..bound] : syntax;
        if (!Syntaxes.IsKnown(syntax))
        {
            throw definition.Wrong($"{definition.Name}: the syntax {syntax} is not known");
        }

        return new AttributeType(definition.Name, definition.Words.Oid, equality?.Kind ?? MatchingRule.None)
        {
            Names = definition.Words.Several("NAME"),
            Superior = superior?.Name ?? "",
            Description = definition.Single("DESC") ?? "",
            EqualityRule = equality,
            OrderingRule = Rule(definition, "ORDERING", MatchingUse.Ordering) ?? superior?.OrderingRule,
            SubstringsRule = Rule(definition, "SUBSTR", MatchingUse.Substrings) ?? superior?.SubstringsRule,
            Syntax = syntax,
            SingleValue = definition.Words.Has("SINGLE-VALUE"),
            Collective = definition.Words.Has("COLLECTIVE"),
            Obsolete = definition.Words.Has("OBSOLETE"),
            NoUserModification = definition.Words.Has("NO-USER-MODIFICATION"),
            Usage = definition.Single("USAGE") switch
            {
                null => superior?.Usage ?? AttributeUsage.UserApplications,
                "userApplications" => AttributeUsage.UserApplications,
                "directoryOperation" => AttributeUsage.DirectoryOperation,
                "distributedOperation" => AttributeUsage.DistributedOperation,
                "dSAOperation" => AttributeUsage.DsaOperation,
                var usage => throw definition.Wrong($"{definition.Name}: USAGE {usage} is not known"),
            },
        };
    }

    private static MatchingRuleDefinition? Rule(Definition definition, string key, MatchingUse use)
    {
        if (definition.Single(key) is not { } name)
        {
            return null;
        }

        return MatchingRuleDefinition.Find(name) is { } rule && rule.Use == use
            ? rule
            : throw definition.Wrong($"{definition.Name}: {key} {name} is not known");
    }

    private ObjectClass CompleteClass(Definition definition)
    {
        ObjectClassKind kind = (definition.Words.Has("ABSTRACT"), definition.Words.Has("AUXILIARY")) switch
        {
            (true, false) => ObjectClassKind.Abstract,
            (false, true) => ObjectClassKind.Auxiliary,
            (false, false) => ObjectClassKind.Structural, // RFC 4512 section 4.1.1: so it is when nothing is said
            _ => throw definition.Wrong($"{definition.Name} is of two kinds"),
        };
        IReadOnlyList<string> superiors = definition.Words.Several("SUP");
        if (superiors.FirstOrDefault(s => !_classNames.ContainsKey(s)) is { } missing)
        {
            throw definition.Wrong($"{definition.Name}: the superclass {missing} is not defined");
        }

        CheckNoCircle(definition);
        return new ObjectClass(definition.Name, definition.Words.Oid, kind, Attributes(definition, "MUST"), Attributes(definition, "MAY"))
        {
            Names = definition.Words.Several("NAME"),
            Superiors = [.. superiors.Select(s => _classNames[s].Name)],
            Description = definition.Single("DESC") ?? "",
            Obsolete = definition.Words.Has("OBSOLETE"),
        };
    }

    private void CheckNoCircle(Definition definition)
    {
        Stack<string> open = new(definition.Words.Several("SUP"));
        HashSet<Definition> seen = [];
        while (open.TryPop(out string? name))
        {
            if (_classNames.TryGetValue(name, out Definition? superior) && seen.Add(superior))
            {
                foreach (string next in superior.Words.Several("SUP"))
                {
                    open.Push(next);
                }
            }
        }

        if (seen.Contains(definition))
        {
            throw definition.Wrong($"{definition.Name} is a subclass of itself");
        }
    }

    private List<string> Attributes(Definition definition, string key) =>
    [
        .. definition.Words.Several(key).Select(name => _attributeNames.TryGetValue(name, out Definition? attribute)
            ? attribute.Name
            : throw definition.Wrong($"{definition.Name}: {key} names {name}, which is not defined")),
    ];

    private sealed class Definition(string file, int line, SchemaDescription words)
    {
        public string File => file;

        public int Line => line;

        public SchemaDescription Words => words;

        public string Name => words.Several("NAME")[0];

        public AttributeType? Attribute { get; set; }

        public SchemaException Wrong(string problem) => new(file, line, problem);

        public string? Single(string key)
        {
            try
            {
                return words.Single(key);
            }
            catch (FormatException e)
            {
                throw Wrong(e.Message);
            }
        }
    }
}
