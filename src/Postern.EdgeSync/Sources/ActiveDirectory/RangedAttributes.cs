using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>Makes entries whole of which a domain controller sent only the first values (1,500 by default, MaxValRange of its policy).</summary>
internal static class RangedAttributes
{
    /// <summary>Whether something of the entry is still to be fetched.</summary>
    public static bool Has(LdapEntry entry)
    {
        foreach (LdapAttribute attribute in entry.Attributes)
        {
            if (attribute.Description.Contains(';', StringComparison.Ordinal) && RangeOption.TryParse(attribute.Description, out _))
            {
                return true;
            }
        }

        return false;
    }

    /// <returns>The entry with every value under its plain description; null when it has gone meanwhile.</returns>
    /// <exception cref="LdapProtocolException">The parts do not follow upon each other.</exception>
    public static async Task<LdapEntry?> CompleteAsync(LdapConnection connection, string dn, LdapEntry entry, CancellationToken cancellationToken)
    {
        List<LdapAttribute> attributes = [];
        HashSet<string> ranged = new(AttributeDescription.Comparer);
        foreach (LdapAttribute attribute in entry.Attributes)
        {
            if (!RangeOption.TryParse(attribute.Description, out RangeOption? range))
            {
                attributes.Add(attribute);
                continue;
            }

            List<ReadOnlyMemory<byte>> values = [.. attribute.Values];
            if (!await AddRestAsync(connection, dn, range, values, cancellationToken))
            {
                return null;
            }

            ranged.Add(range.BaseDescription);
            attributes.Add(new LdapAttribute(range.BaseDescription, values));
        }

        // Beside the first part servers send the attribute without values: taken at its word, it would say that all were removed.
        attributes.RemoveAll(attribute => attribute.Values.Count == 0 && ranged.Contains(attribute.Description));
        return entry with { Attributes = attributes };
    }

    private static async Task<bool> AddRestAsync(
        LdapConnection connection, string dn, RangeOption first, List<ReadOnlyMemory<byte>> values, CancellationToken cancellationToken)
    {
        RangeOption last = first;
        while (last.High is { } high)
        {
            RangeOption next = new(first.BaseDescription, high + 1, null);
            LdapEntry? part;
            try
            {
                part = await connection.SearchAsync(SearchRequest.ReadEntry(dn, next.ToString()), cancellationToken).LastOrDefaultAsync(cancellationToken);
            }
            catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
            {
                part = null;
            }

            if (part is null)
            {
                return false;
            }

            if (Find(part, first.BaseDescription) is not (var found, var more))
            {
                return true; // the values that followed were removed meanwhile
            }

            if (found.Low != high + 1)
            {
                throw new LdapProtocolException($"{dn}: {found} where {next} was asked for");
            }

            values.AddRange(more);
            last = found;
        }

        return true;
    }

    private static (RangeOption Range, IReadOnlyList<ReadOnlyMemory<byte>> Values)? Find(LdapEntry part, string description)
    {
        foreach (LdapAttribute attribute in part.Attributes)
        {
            if (RangeOption.TryParse(attribute.Description, out RangeOption? range) && AttributeDescription.Comparer.Equals(range.BaseDescription, description))
            {
                return (range, attribute.Values);
            }
        }

        return null;
    }
}
