using System.Security.Cryptography;
using System.Text;
using Postern.Directory.Searching;
using Postern.Directory.Updates;
using Postern.Ldap;

namespace Postern.Directory;

// RFC 3062 (complete): one's own password with the old one; another's by an operator

/// <summary>Password modify, RFC 3062: one's own with the old one shown, another's with the right to it. Kept in the slow stored form.</summary>
internal sealed class PasswordChange(SearchContext context, UpdateRequests updates, Func<DistinguishedName, LdapEntry?> read)
{
    /// <summary>Characters of a generated password, 5 bits each: 125 bits.</summary>
    private const int GeneratedLength = 25;

    /// <summary>Letters and digits that are not taken for each other.</summary>
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    // Not the one of the logins: who may change a password is not to keep others from logging on.
    private readonly SlowHashing _hashing = new(context.Options.MaxPasswordsWaiting);

    /// <param name="ownDn">Who asks; empty for nobody.</param>
    public async Task<LdapAnswer> ModifyAsync(Principal principal, ExtendedRequest request, string ownDn, CancellationToken cancellationToken)
    {
        try
        {
            PasswordModification asked = PasswordModifyCodec.Decode(request.Value, context.Limits);
            DistinguishedName dn = DistinguishedName.Parse(asked.User ?? ownDn);
            if (dn.IsRoot)
            {
                throw new LdapException(LdapResultCode.UnwillingToPerform, "password modify: it does not say whose, and nobody is bound");
            }

            bool own = DistinguishedName.TryParse(ownDn, out DistinguishedName ownName, out _) && dn.Equals(ownName);
            Authorize(principal, dn, own);
            if (own && asked.OldPassword is null)
            {
                throw EntryRules.Refuse(LdapResultCode.UnwillingToPerform, dn.ToString(), "to change one's own password takes the old one");
            }

            if (asked.NewPassword is { Length: 0 })
            {
                throw EntryRules.Refuse(LdapResultCode.ConstraintViolation, dn.ToString(), "an empty password is none");
            }

            byte[]? generated = asked.NewPassword is null ? Generate() : null;
            return await ChangeAsync(dn, asked, generated, cancellationToken).ConfigureAwait(false);
        }
        catch (LdapProtocolException e)
        {
            return new LdapAnswer(e.ToResult());
        }
        catch (LdapException e)
        {
            return new LdapAnswer(e.Result);
        }
    }

    private async Task<LdapAnswer> ChangeAsync(DistinguishedName dn, PasswordModification asked, byte[]? generated, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte>? stored = read(dn) is { } entry
            ? entry.Find(SchemaWords.UserPassword) is { Values.Count: > 0 } password ? password.Values[0] : new ReadOnlyMemory<byte>?()
            : throw EntryRules.Refuse(LdapResultCode.NoSuchObject, dn.ToString(), "no such entry");
        List<Modification> changes = [];
        if (asked.OldPassword is { } old)
        {
            if (stored is not { } form || !await _hashing.RunAsync(() => PasswordHash.Verify(old.Span, form.Span), cancellationToken).ConfigureAwait(false))
            {
                throw EntryRules.Refuse(LdapResultCode.InvalidCredentials, dn.ToString(), "the old password is not right");
            }

            // Fails if somebody else has changed it since it was looked at.
            changes.Add(new Modification(ModificationType.Delete, new LdapAttribute(SchemaWords.UserPassword, form.ToArray())));
        }

        ReadOnlyMemory<byte> fresh = asked.NewPassword ?? generated;
        byte[] hashed = await _hashing.RunAsync(() => PasswordHash.Create(fresh.Span, PasswordStrength.Chosen), cancellationToken).ConfigureAwait(false);
        changes.Add(new Modification(ModificationType.Replace, new LdapAttribute(SchemaWords.UserPassword, hashed)));

        // Who may is decided; the right to write the entry otherwise is another one.
        LdapAnswer answer = await updates.UpdateAsync(Principal.System, new ModifyRequest(dn.ToString(), changes), [], cancellationToken).ConfigureAwait(false);
        return answer.Result.Code switch
        {
            LdapResultCode.Success when generated is not null => answer with { Value = PasswordModifyCodec.EncodeResponse(generated) },
            LdapResultCode.NoSuchAttribute => new LdapAnswer(new LdapResult(LdapResultCode.Busy, $"{dn}: the password was changed at the same time")),
            _ => answer,
        };
    }

    private void Authorize(Principal principal, DistinguishedName dn, bool own)
    {
        if (principal.Role != DirectoryRole.System && !context.Policy.MayChangePassword(principal, dn.Normalized, own))
        {
            throw EntryRules.Refuse(LdapResultCode.InsufficientAccessRights, dn.ToString(), $"{principal.Name} may not change this password");
        }
    }

    private static byte[] Generate() => Encoding.ASCII.GetBytes(RandomNumberGenerator.GetString(Alphabet, GeneratedLength));
}
