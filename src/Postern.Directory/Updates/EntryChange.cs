using System.Globalization;
using System.Numerics;
using System.Text;
using Postern.Ldap;

namespace Postern.Directory.Updates;

// RFC 4525 (complete): numbers of any length

/// <summary>The changes of a modify, applied in order to a copy of the entry's attributes. RFC 4511 section 4.6, increment RFC 4525.</summary>
internal sealed class EntryChange(string dn, List<LdapAttribute> attributes, EntryRules rules)
{
    /// <exception cref="LdapException">The change does not fit the entry.</exception>
    public void Apply(Modification change)
    {
        LdapAttribute given = change.Attribute;
        AttributeType type = rules.TypeOf(dn, given.Description);
        int position = attributes.FindIndex(a => AttributeDescription.Comparer.Equals(a.Description, given.Description));
        switch (change.Type)
        {
            case ModificationType.Add:
                Add(given, type, position);
                break;
            case ModificationType.Delete:
                Delete(given, type, position);
                break;
            case ModificationType.Replace:
                Replace(given, position);
                break;
            case ModificationType.Increment:
                Increment(given, type, position);
                break;
            default:
                throw EntryRules.Refuse(LdapResultCode.ProtocolError, dn, $"modification type {(int)change.Type} is unknown");
        }
    }

    private void Add(LdapAttribute given, AttributeType type, int position)
    {
        if (given.Values.Count == 0)
        {
            throw EntryRules.Refuse(LdapResultCode.ProtocolError, dn, $"add: {given.Description} has no value");
        }

        if (position < 0)
        {
            attributes.Add(given);
            return;
        }

        IReadOnlyList<ReadOnlyMemory<byte>> present = attributes[position].Values;
        foreach (ReadOnlyMemory<byte> value in given.Values)
        {
            if (rules.IndexOfValue(type, present, value) >= 0)
            {
                throw EntryRules.Refuse(
                    LdapResultCode.AttributeOrValueExists, dn,
                    $"add: {given.Description} already has {SchemaWords.Show(given.Description, value)}");
            }
        }

        attributes[position] = new LdapAttribute(attributes[position].Description, [.. present, .. given.Values]);
    }

    private void Delete(LdapAttribute given, AttributeType type, int position)
    {
        if (position < 0)
        {
            throw EntryRules.Refuse(LdapResultCode.NoSuchAttribute, dn, $"delete: there is no {given.Description}");
        }

        if (given.Values.Count == 0)
        {
            attributes.RemoveAt(position);
            return;
        }

        List<ReadOnlyMemory<byte>> left = [.. attributes[position].Values];
        foreach (ReadOnlyMemory<byte> value in given.Values)
        {
            int found = SchemaWords.IsSecret(given.Description)
                ? left.FindIndex(stored => stored.Span.SequenceEqual(value.Span) || PasswordHash.Verify(value.Span, stored.Span))
                : rules.IndexOfValue(type, left, value);
            if (found < 0)
            {
                throw EntryRules.Refuse(
                    LdapResultCode.NoSuchAttribute, dn, $"delete: {given.Description} does not have {SchemaWords.Show(given.Description, value)}");
            }

            left.RemoveAt(found);
        }

        Set(position, attributes[position].Description, left);
    }

    private void Replace(LdapAttribute given, int position)
    {
        if (position >= 0)
        {
            Set(position, given.Description, given.Values);
        }
        else if (given.Values.Count > 0)
        {
            attributes.Add(given);
        }
    }

    private void Increment(LdapAttribute given, AttributeType type, int position)
    {
        if (type.Equality != MatchingRule.Integer)
        {
            throw EntryRules.Refuse(LdapResultCode.ConstraintViolation, dn, $"increment: {given.Description} is not a number");
        }

        if (position < 0)
        {
            throw EntryRules.Refuse(LdapResultCode.NoSuchAttribute, dn, $"increment: there is no {given.Description}");
        }

        if (given.Values.Count != 1 || !TryRead(given.Values[0], out BigInteger by))
        {
            throw EntryRules.Refuse(LdapResultCode.ProtocolError, dn, $"increment: {given.Description} takes one number");
        }

        List<ReadOnlyMemory<byte>> values = [];
        foreach (ReadOnlyMemory<byte> value in attributes[position].Values)
        {
            if (!TryRead(value, out BigInteger number))
            {
                throw EntryRules.Refuse(LdapResultCode.ConstraintViolation, dn, $"increment: {given.Description} holds something that is not a number");
            }

            values.Add(Encoding.ASCII.GetBytes((number + by).ToString(CultureInfo.InvariantCulture)));
        }

        Set(position, attributes[position].Description, values);
    }

    private void Set(int position, string description, IReadOnlyList<ReadOnlyMemory<byte>> values)
    {
        if (values.Count == 0)
        {
            attributes.RemoveAt(position);
        }
        else
        {
            attributes[position] = new LdapAttribute(description, values);
        }
    }

    private static bool TryRead(ReadOnlyMemory<byte> value, out BigInteger number) =>
        BigInteger.TryParse(Encoding.UTF8.GetString(value.Span), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
