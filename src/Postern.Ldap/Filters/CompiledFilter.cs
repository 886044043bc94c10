namespace Postern.Ldap;

/// <summary>
/// A filter made ready to be held against many entries: attributes and rules are looked up and assertions normalised once. One search
/// uses it, on one thread at a time. Neither compiling nor matching recurses, and an entry costs each item once at most.
/// </summary>
/// <remarks>
/// True, false or undefined (null), RFC 4511 section 4.5.1.7. Undefined: an attribute or rule that the schema does not know, an assertion
/// that is not of the attribute's syntax, a comparison that its rule does not have.
/// </remarks>
public sealed class CompiledFilter
{
    private readonly List<Step> _steps = [];
    private readonly Frame[] _frames;

    private CompiledFilter(Filter filter, DirectorySchema schema)
    {
        // What is still to be written, the next last: filters, and the ends of those that hold others.
        Stack<(Filter? Filter, int Begin)> open = new([(filter, -1)]);
        int depth = 0;
        int deepest = 0;
        while (open.TryPop(out (Filter? Filter, int Begin) next))
        {
            if (next.Filter is null)
            {
                _steps[next.Begin] = _steps[next.Begin] with { End = _steps.Count };
                _steps.Add(new Step(StepKind.End, null, 0));
                depth--;
                continue;
            }

            (StepKind kind, IReadOnlyList<Filter> inner) = next.Filter switch
            {
                AndFilter and => (StepKind.And, and.Filters),
                OrFilter or => (StepKind.Or, or.Filters),
                NotFilter not => (StepKind.Not, [not.Inner]),
                _ => (StepKind.Test, (IReadOnlyList<Filter>)[]),
            };
            if (kind == StepKind.Test)
            {
                FilterTest test = FilterTest.Create(next.Filter, schema);
                _steps.Add(new Step(kind, test, 0));
                Attributes.Add(test.Attribute);
                continue;
            }

            open.Push((null, _steps.Count));
            _steps.Add(new Step(kind, null, 0));
            deepest = Math.Max(deepest, ++depth);
            for (int i = inner.Count - 1; i >= 0; i--)
            {
                open.Push((inner[i], -1));
            }
        }

        _frames = new Frame[deepest];
        MatchesEveryEntry = filter is AndFilter { Filters.Count: 0 }
            || filter is PresentFilter { Attribute: var name } && name.Equals("objectClass", StringComparison.OrdinalIgnoreCase);
    }

    private enum StepKind
    {
        Test,
        And,
        Or,
        Not,
        End,
    }

    /// <summary>Whether the filter is <c>(objectClass=*)</c> or <c>(&amp;)</c>: then no entry has to be looked into.</summary>
    public bool MatchesEveryEntry { get; }

    /// <summary>The type that each item asks about; null for an item that may ask about any, or that the schema does not know.</summary>
    public List<AttributeType?> Attributes { get; } = [];

    public static CompiledFilter Compile(Filter filter, DirectorySchema schema) => new(filter, schema);

    public bool? Matches(LdapEntry entry) => Matches(entry.Dn, entry.Attributes, []);

    /// <param name="user">Attributes of the entry; together with <paramref name="operational"/> all of them.</param>
    public bool? Matches(string dn, IReadOnlyList<LdapAttribute> user, IReadOnlyList<LdapAttribute> operational)
    {
        FilterSubject subject = new(dn, user, operational);
        int depth = 0;
        for (int i = 0; i < _steps.Count; i++)
        {
            Step step = _steps[i];
            bool? value;
            switch (step.Kind)
            {
                case StepKind.Test:
                    value = step.Test!.Matches(subject);
                    break;
                case StepKind.End:
                    value = _frames[--depth].Value;
                    break;
                default:
                    _frames[depth++] = new Frame(step.Kind, step.End, step.Kind == StepKind.And);
                    continue;
            }

            if (depth == 0)
            {
                return value;
            }

            if (_frames[depth - 1].Take(value))
            {
                i = _frames[depth - 1].End - 1; // decided: straight to its end
            }
        }

        return null;
    }

    private readonly record struct Step(StepKind Kind, FilterTest? Test, int End);

    private struct Frame(StepKind kind, int end, bool? value)
    {
        public readonly int End = end;

        public bool? Value = value;

        /// <returns>True when what is left cannot change the value any more.</returns>
        public bool Take(bool? inner)
        {
            switch (kind)
            {
                case StepKind.And:
                    Value &= inner;
                    return inner == false;
                case StepKind.Or:
                    Value |= inner;
                    return inner == true;
                default:
                    Value = !inner;
                    return false;
            }
        }
    }
}
