namespace Postern.Ldap;

/// <summary>The body of a change record, RFC 2849 "ldif-change-record": add, delete, modify, modrdn and moddn.</summary>
internal sealed class LdifChanges(LdifLines lines, LdifAttributes attributes)
{
    public IUpdateOperation Read(string dn, string changeType)
    {
        switch (changeType.ToLowerInvariant())
        {
            case "add":
                while (lines.MoveNext())
                {
                    (string name, ReadOnlyMemory<byte> value) = lines.Split();
                    if (!attributes.TryAdd(name, value))
                    {
                        throw lines.Fail($"\"{name}\" is no attribute description");
                    }
                }

                return new AddRequest(dn, attributes.Take());
            case "delete":
                return lines.MoveNext() ? throw lines.Fail("nothing follows \"changetype: delete\"") : new DelRequest(dn);
            case "modify":
                return new ModifyRequest(dn, ReadModifications());
            case "modrdn" or "moddn":
                return ReadModifyDn(dn);
            default:
                throw lines.Fail($"changetype \"{changeType}\" is none of add, delete, modify, modrdn, moddn");
        }
    }

    private List<Modification> ReadModifications()
    {
        List<Modification> changes = [];
        while (lines.MoveNext())
        {
            (string kind, ReadOnlyMemory<byte> value) = lines.Split();
            ModificationType type = kind.ToLowerInvariant() switch
            {
                "add" => ModificationType.Add,
                "delete" => ModificationType.Delete,
                "replace" => ModificationType.Replace,
                "increment" => ModificationType.Increment, // RFC 4525 section 3
                _ => throw lines.Fail($"\"{kind}:\" is none of add:, delete:, replace:, increment:"),
            };
            string attribute = lines.Text(value, kind);
            if (!AttributeDescription.IsValid(attribute))
            {
                throw lines.Fail($"{kind}: \"{attribute}\" is no attribute description");
            }

            changes.Add(new Modification(type, new LdapAttribute(attribute, ReadValues(attribute))));
        }

        return changes;
    }

    /// <summary>Up to the line <c>-</c>; the last one may be missing, as all tools have it.</summary>
    private List<ReadOnlyMemory<byte>> ReadValues(string attribute)
    {
        List<ReadOnlyMemory<byte>> values = [];
        while (lines.MoveNext() && !lines.Current.SequenceEqual("-"u8))
        {
            (string name, ReadOnlyMemory<byte> value) = lines.Split();
            if (!AttributeDescription.Comparer.Equals(name, attribute))
            {
                throw lines.Fail($"\"{name}:\" among the values of {attribute}; a line \"-\" ends them");
            }

            values.Add(value);
        }

        return values;
    }

    private ModifyDnRequest ReadModifyDn(string dn)
    {
        string newRdn = Expect("newrdn") ?? throw lines.Fail("\"newrdn:\" is missing");
        bool deleteOldRdn = Expect("deleteoldrdn") switch
        {
            "0" => false,
            "1" => true,
            null => throw lines.Fail("\"deleteoldrdn:\" is missing"),
            _ => throw lines.Fail("deleteoldrdn is 0 or 1"),
        };
        string? newSuperior = Expect("newsuperior");
        return lines.MoveNext() ? throw lines.Fail("nothing follows \"newsuperior:\"") : new ModifyDnRequest(dn, newRdn, deleteOldRdn, newSuperior);
    }

    /// <returns>Null at the record's end.</returns>
    private string? Expect(string expected)
    {
        if (!lines.MoveNext())
        {
            return null;
        }

        (string name, ReadOnlyMemory<byte> value) = lines.Split();
        return AttributeDescription.Comparer.Equals(name, expected)
            ? lines.Text(value, expected)
            : throw lines.Fail($"\"{name}:\" where \"{expected}:\" belongs");
    }
}
