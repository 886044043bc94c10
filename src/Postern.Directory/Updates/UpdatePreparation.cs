using System.Text;
using Postern.Directory.Storage;
using Postern.Ldap;
using Postern.Ldap.Codec;

namespace Postern.Directory.Updates;

/// <summary>Checks an update as far as that needs no store, and brings it into the form in which the writer takes it. Runs on the
/// callers' threads, so that the one writer does only what no one else can.</summary>
internal sealed class UpdatePreparation(DirectoryOptions options, EntryRules rules, IAccessPolicy policy, IReadOnlyList<DistinguishedName> suffixes, NameCache names)
{
    /// <summary>Values of passwords that one add or modify may bring. Each is hashed slowly, or compared so by the one writer; who changes
    /// a password brings two.</summary>
    private const int MaxPasswords = 4;

    private readonly UuidSource _uuids = new();

    /// <exception cref="LdapException">Why the update is refused.</exception>
    public PreparedUpdate Prepare(Principal principal, IUpdateOperation operation, UpdateControls? controls)
    {
        DistinguishedName dn = names.ParseBelowKnown(operation.Dn);
        Authorize(principal, dn, operation);
        PreparedUpdate prepared = operation switch
        {
            AddRequest add => PrepareAdd(principal, dn, add),
            ModifyRequest modify => PrepareModify(dn, modify),
            DelRequest => new PreparedDelete(dn, controls is { TreeDelete: true } ? MayDelete(principal) : null),
            ModifyDnRequest rename => PrepareRename(principal, dn, rename),
            _ => throw new LdapException(LdapResultCode.UnwillingToPerform, $"{operation.GetType().Name} is not an update that this directory knows"),
        };
        return controls is null ? prepared : prepared with { Controls = controls };
    }

    private Func<TreeNode, bool> MayDelete(Principal principal) => node =>
        principal.Role == DirectoryRole.System || policy.MayWrite(principal, node.Normalized, new DelRequest(node.Dn));

    private PreparedAdd PrepareAdd(Principal principal, DistinguishedName dn, AddRequest add)
    {
        if (!IsHere(dn))
        {
            throw EntryRules.Refuse(
                LdapResultCode.NoSuchObject, add.Dn, $"lies in none of this directory's naming contexts ({string.Join("; ", suffixes)})");
        }

        List<LdapAttribute> attributes = new(add.Attributes.Count + 1);
        Guid uuid = Guid.Empty;
        for (int i = 0; i < add.Attributes.Count; i++)
        {
            LdapAttribute attribute = add.Attributes[i];
            AttributeType type = rules.TypeOf(add.Dn, attribute.Description);
            if (type.NoUserModification)
            {
                uuid = SuppliedUuid(principal, add.Dn, attribute, type);
                continue;
            }

            attributes.Add(Canonical(attribute, type));
        }

        AddNamingValues(add.Dn, dn, attributes);
        CheckPasswords(add.Dn, attributes.Where(a => SchemaWords.IsSecret(a.Description)).Sum(a => a.Values.Count));
        HashPasswords(attributes);
        EntryKeys keys = rules.Check(add.Dn, attributes, out _);
        byte[] encoded = AttributeListCodec.Encode(attributes);
        CheckSize(add.Dn, encoded, options);
        return new PreparedAdd(dn, uuid == Guid.Empty ? _uuids.Next() : uuid, encoded, keys);
    }

    public static void CheckSize(string dn, byte[] encoded, DirectoryOptions options)
    {
        if (encoded.Length > options.MaxEntryBytes)
        {
            throw EntryRules.Refuse(
                LdapResultCode.AdminLimitExceeded, dn, $"its attributes have {encoded.Length} octets, MaxEntryBytes is {options.MaxEntryBytes}");
        }
    }

    private PreparedModify PrepareModify(DistinguishedName dn, ModifyRequest modify)
    {
        int passwords = 0;
        List<Modification> changes = new(modify.Changes.Count);
        foreach (Modification change in modify.Changes)
        {
            AttributeType type = rules.TypeOf(modify.Dn, change.Attribute.Description);
            if (type.NoUserModification)
            {
                throw EntryRules.Refuse(LdapResultCode.ConstraintViolation, modify.Dn, $"{type.Name} is maintained by the directory");
            }

            // Slices of a network buffer must not be kept until the writer comes to them.
            LdapAttribute attribute = new(Canonical(change.Attribute, type).Description, [.. change.Attribute.Values.Select(v => (ReadOnlyMemory<byte>)v.ToArray())]);
            passwords += SchemaWords.IsSecret(attribute.Description) ? attribute.Values.Count : 0;
            CheckPasswords(modify.Dn, passwords);
            bool hash = change.Type is ModificationType.Add or ModificationType.Replace && SchemaWords.IsSecret(attribute.Description);
            changes.Add(new Modification(change.Type, hash ? Hashed(attribute) : attribute));
        }

        return new PreparedModify(dn, changes);
    }

    private PreparedRename PrepareRename(Principal principal, DistinguishedName dn, ModifyDnRequest rename)
    {
        DistinguishedName rdn = DistinguishedName.Parse(rename.NewRdn);
        if (rdn.Rdns.Count != 1)
        {
            throw EntryRules.Refuse(LdapResultCode.InvalidDNSyntax, rename.Dn, $"the new RDN \"{rename.NewRdn}\" is not one step of a name");
        }

        if (suffixes.Contains(dn))
        {
            throw EntryRules.Refuse(LdapResultCode.UnwillingToPerform, rename.Dn, "a naming context cannot be renamed or moved");
        }

        DistinguishedName superior = rename.NewSuperior is null ? dn.Parent : DistinguishedName.Parse(rename.NewSuperior);
        if (!IsHere(superior))
        {
            throw EntryRules.Refuse(LdapResultCode.NoSuchObject, rename.Dn, $"the new superior {superior} lies in none of this directory's naming contexts");
        }

        if (superior.IsWithin(dn))
        {
            throw EntryRules.Refuse(LdapResultCode.UnwillingToPerform, rename.Dn, $"cannot be moved below itself ({superior})");
        }

        DistinguishedName newDn = DistinguishedName.Parse($"{rdn},{superior}");
        Authorize(principal, newDn, rename);
        return new PreparedRename(dn, newDn, rename.DeleteOldRdn);
    }

    private bool IsHere(DistinguishedName dn)
    {
        for (int i = 0; i < suffixes.Count; i++)
        {
            if (dn.IsWithin(suffixes[i]))
            {
                return true;
            }
        }

        return false;
    }

    private void Authorize(Principal principal, DistinguishedName dn, IUpdateOperation operation)
    {
        if (principal.Role != DirectoryRole.System && !policy.MayWrite(principal, dn.Normalized, operation))
        {
            throw EntryRules.Refuse(LdapResultCode.InsufficientAccessRights, operation.Dn, $"{principal.Name} may not change this entry");
        }
    }

    /// <summary>entryUUID may come with an entry from those who copy directories (RFC 4530 leaves it to them); everybody else gets a new one.</summary>
    private static Guid SuppliedUuid(Principal principal, string dn, LdapAttribute attribute, AttributeType type)
    {
        if (type.Name != SchemaWords.EntryUuid || principal.Role is not (DirectoryRole.System or DirectoryRole.Replication))
        {
            throw EntryRules.Refuse(LdapResultCode.ConstraintViolation, dn, $"{type.Name} is maintained by the directory");
        }

        return attribute.Values.Count == 1 && Guid.TryParseExact(attribute.Strings.First(), "D", out Guid uuid) && uuid != Guid.Empty
            ? uuid
            : throw EntryRules.Refuse(LdapResultCode.InvalidAttributeSyntax, dn, $"{type.Name} takes one UUID");
    }

    /// <summary>Under the schema's name where the client wrote an OID; everything else stays as it was written.</summary>
    private static LdapAttribute Canonical(LdapAttribute attribute, AttributeType type)
    {
        ReadOnlySpan<char> written = AttributeDescription.TypeOf(attribute.Description);
        return written.Equals(type.Name, StringComparison.OrdinalIgnoreCase)
            ? attribute
            : new LdapAttribute(string.Concat(type.Name, attribute.Description.AsSpan(written.Length)), attribute.Values);
    }

    /// <summary>RFC 4511 section 4.7: what the RDN says is part of the entry, whether the client repeats it or not.</summary>
    private void AddNamingValues(string written, DistinguishedName dn, List<LdapAttribute> attributes)
    {
        IReadOnlyList<(string Type, string Value)> parts = dn.Rdn.Parts;
        for (int i = 0; i < parts.Count; i++)
        {
            AttributeType type = rules.TypeOf(written, parts[i].Type);
            AddNamingValue(attributes, type, Encoding.UTF8.GetBytes(parts[i].Value), rules, written);
        }
    }

    public static void AddNamingValue(List<LdapAttribute> attributes, AttributeType type, byte[] value, EntryRules rules, string dn)
    {
        if (type.NoUserModification || SchemaWords.IsSecret(type.Name))
        {
            throw EntryRules.Refuse(LdapResultCode.NamingViolation, dn, $"{type.Name} cannot name an entry");
        }

        int position = attributes.FindIndex(a => AttributeDescription.Comparer.Equals(a.Description, type.Name));
        if (position < 0)
        {
            attributes.Add(new LdapAttribute(type.Name, value));
        }
        else if (rules.IndexOfValue(type, attributes[position].Values, value) < 0)
        {
            attributes[position] = new LdapAttribute(attributes[position].Description, [.. attributes[position].Values, value]);
        }
    }

    private static void CheckPasswords(string dn, int values)
    {
        if (values > MaxPasswords)
        {
            throw EntryRules.Refuse(LdapResultCode.AdminLimitExceeded, dn, $"more than {MaxPasswords} values of passwords in one request");
        }
    }

    private static void HashPasswords(List<LdapAttribute> attributes)
    {
        for (int i = 0; i < attributes.Count; i++)
        {
            if (SchemaWords.IsSecret(attributes[i].Description))
            {
                attributes[i] = Hashed(attributes[i]);
            }
        }
    }

    private static LdapAttribute Hashed(LdapAttribute attribute) => new(
        attribute.Description,
        [.. attribute.Values.Select(v => PasswordHash.IsStoredForm(v.Span) ? v : PasswordHash.Create(v.Span, PasswordStrength.Chosen))]);
}
