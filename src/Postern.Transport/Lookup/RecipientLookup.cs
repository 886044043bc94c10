using Postern.Ldap;
using Postern.Mail;

namespace Postern.Transport;

/// <summary>
/// Answers whether mail to an address is accepted, from the edge directory alone. Thread safe. Every answer is from the directory as it
/// is at that moment: what is remembered between lookups lives no longer than the directory's version.
/// </summary>
/// <param name="edge">The edge directory, as one who may read recipients, accepted domains and synchronization state.</param>
/// <param name="key">The key that addresses are hashed with; null before this edge has a subscription.</param>
/// <param name="version">Grows after every commit of the directory has become visible, never before.</param>
public sealed class RecipientLookup(IDirectory edge, Func<AddressHashKey?> key, Func<long> version)
{
    private static readonly string[] RecipientAttributes = [PosternAttributes.InternalOnly];
    private static readonly string[] StateAttributes = [PosternAttributes.LastSync];
    private static readonly string[] DomainAttributes =
    [
        PosternAttributes.DomainName, PosternAttributes.DomainType, PosternAttributes.AddressBook, PosternAttributes.SubaddressDelimiter,
    ];

    private readonly LookupMemory _memory = new(version);

    /// <param name="address">As SMTP gives it; <see cref="MailAddress"/> says what its normal form is.</param>
    /// <exception cref="LdapException">The directory failed: defer the mail.</exception>
    public async Task<LookupAnswer> FindAsync(string address, CancellationToken cancellationToken = default)
    {
        bool valid = MailAddress.TryNormalize(address, out string normalized, out string? fault);

        // Even what is no valid address falls under a domain: what is relayed without a list of recipients is not ours to judge.
        string domainPart = (valid ? normalized : address)[((valid ? normalized : address).LastIndexOf('@') + 1)..];
        DomainAnswer domain = await FindDomainAsync(domainPart, cancellationToken).ConfigureAwait(false);
        if (domain.Verdict != LookupVerdict.Known)
        {
            return new LookupAnswer(domain.Verdict, domain.Reason, null);
        }

        if (!domain.Domain!.IsLookedUp)
        {
            string why = domain.Domain.Type == AcceptedDomainType.Authoritative
                ? $"recipients of {domain.Domain.Name} are not looked up"
                : $"every address of {domain.Domain.Name} is relayed ({AcceptedDomain.TypeName(domain.Domain.Type)})";
            return new LookupAnswer(LookupVerdict.Known, why, domain.Domain);
        }

        if (!valid)
        {
            return new LookupAnswer(LookupVerdict.Unknown, fault!, domain.Domain);
        }

        if (key() is not { } hashKey)
        {
            return new LookupAnswer(LookupVerdict.NotReady, "this edge has no subscription, so no key to look addresses up with", domain.Domain);
        }

        // First this, then the recipient: the other way round, a synchronization that completes in between would turn a known
        // recipient into an unknown one.
        LookupMemory.Page page = _memory.Current;
        if (!page.RecipientsComplete && !(page.RecipientsComplete = await IsCompleteAsync(EdgeLayout.RecipientsState, cancellationToken).ConfigureAwait(false)))
        {
            return new LookupAnswer(LookupVerdict.NotReady, "no synchronization of recipients was complete yet", domain.Domain);
        }

        if (await FindRecipientAsync(hashKey, normalized, cancellationToken).ConfigureAwait(false) is { } entry)
        {
            return Answer(entry, domain.Domain, "");
        }

        return domain.Domain.SubaddressDelimiter is { } delimiter
            && Subaddress.TryStrip(normalized, delimiter, out string mailbox)
            && await FindRecipientAsync(hashKey, mailbox, cancellationToken).ConfigureAwait(false) is { } parted
                ? Answer(parted, domain.Domain, " once its detail is taken off")
                : new LookupAnswer(LookupVerdict.Unknown, $"no recipient of {domain.Domain.Name}, {(domain.Domain.Type == AcceptedDomainType.Authoritative ? "which is authoritative" : "whose recipients are looked up")}", domain.Domain);
    }

    /// <param name="domain">A domain; with a dot in front, its subdomains: those are accepted when a wildcard covers them all.</param>
    /// <exception cref="LdapException">The directory failed: defer the mail.</exception>
    public async Task<DomainAnswer> FindDomainAsync(string domain, CancellationToken cancellationToken = default)
    {
        bool subdomains = domain.StartsWith('.');
        if (!MailDomain.TryNormalize(subdomains ? domain.AsSpan(1) : domain, out string name, out string? fault))
        {
            return new DomainAnswer(LookupVerdict.NotOurs, fault, null);
        }

        LookupMemory.Page page = _memory.Current;
        string asked = subdomains ? '.' + name : name;
        if (!page.TryGetDomain(asked, out AcceptedDomain? found))
        {
            found = await FindNearestAsync(name, subdomains, cancellationToken).ConfigureAwait(false);
            if (found is not null)
            {
                page.KeepDomain(asked, found);
            }
        }
        else if (found is null)
        {
            return NotOurs();
        }

        if (found is null)
        {
            if (!await IsCompleteAsync(EdgeLayout.ConfigurationState, cancellationToken).ConfigureAwait(false))
            {
                return new DomainAnswer(LookupVerdict.NotReady, "no synchronization of accepted domains was complete yet", null);
            }

            // It may have become complete since the first look.
            found = await FindNearestAsync(name, subdomains, cancellationToken).ConfigureAwait(false);
            page.KeepDomain(asked, found);
        }

        return found is null
            ? NotOurs()
            : new DomainAnswer(LookupVerdict.Known, $"accepted domain {found.Name} ({AcceptedDomain.TypeName(found.Type)})", found);
    }

    private static DomainAnswer NotOurs() => new(LookupVerdict.NotOurs, "no accepted domain", null);

    /// <summary>The domain itself, else the wildcard of the nearest domain above it.</summary>
    private async ValueTask<AcceptedDomain?> FindNearestAsync(string name, bool subdomains, CancellationToken cancellationToken)
    {
        string candidate = subdomains ? AcceptedDomain.WildcardPrefix + name : name;
        for (int above = subdomains ? 0 : -1; ;)
        {
            SearchRequest search = new(
                EdgeLayout.AcceptedDomains, SearchScope.SingleLevel, Filter.Equal(PosternAttributes.DomainName, candidate), DomainAttributes);
            if (await FirstAsync(search, cancellationToken).ConfigureAwait(false) is { } entry)
            {
                return Read(entry, candidate);
            }

            int dot = name.IndexOf('.', above + 1);
            if (dot < 0)
            {
                return null;
            }

            above = dot;
            candidate = string.Concat("*", name.AsSpan(dot));
        }
    }

    private ValueTask<LdapEntry?> FindRecipientAsync(AddressHashKey hashKey, string normalized, CancellationToken cancellationToken) =>
        FirstAsync(
            new SearchRequest(
                EdgeLayout.Recipients,
                SearchScope.SingleLevel,
                Filter.Equal(PosternAttributes.AddressHash, AddressHasher.HashOnce(hashKey, normalized)),
                RecipientAttributes),
            cancellationToken);

    private static LookupAnswer Answer(LdapEntry recipient, AcceptedDomain domain, string how) => IsTrue(recipient, PosternAttributes.InternalOnly)
        ? new LookupAnswer(LookupVerdict.InternalOnly, $"a recipient of {domain.Name}{how} that takes mail from inside only", domain)
        : new LookupAnswer(LookupVerdict.Known, $"a recipient of {domain.Name}{how}", domain);

    /// <summary>Boolean syntax, RFC 4517 section 3.3.3.</summary>
    private static bool IsTrue(LdapEntry entry, string attribute) => entry.Find(attribute) is { Values: [{ } value, ..] } && value.Span.SequenceEqual("TRUE"u8);

    private static AcceptedDomain Read(LdapEntry entry, string name)
    {
        string? type = entry.FirstString(PosternAttributes.DomainType);
        return AcceptedDomain.TryParseType(type ?? "", out AcceptedDomainType parsed)
            ? new AcceptedDomain(name, parsed)
            {
                AddressBook = AddressBook(entry),
                SubaddressDelimiter = entry.FirstString(PosternAttributes.SubaddressDelimiter),
            }
            : throw new LdapException(LdapResultCode.Other, $"{entry.Dn}: {PosternAttributes.DomainType} '{type}' is no type of accepted domain");
    }

    /// <summary>RFC 4517 section 3.3.3; absent: by the type.</summary>
    private static bool? AddressBook(LdapEntry entry) =>
        entry.FirstString(PosternAttributes.AddressBook) is { } text ? text.Equals("TRUE", StringComparison.OrdinalIgnoreCase) : null;

    private async ValueTask<bool> IsCompleteAsync(string stateDn, CancellationToken cancellationToken)
    {
        SearchRequest search = new(stateDn, SearchScope.BaseObject, Filter.Anything, StateAttributes);
        LdapEntry? state = await FirstAsync(search, cancellationToken).ConfigureAwait(false);
        return state?.Find(PosternAttributes.LastSync) is { Values.Count: > 0 };
    }

    private async ValueTask<LdapEntry?> FirstAsync(SearchRequest search, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (LdapEntry entry in edge.SearchAsync(search, cancellationToken).ConfigureAwait(false))
            {
                return entry;
            }
        }
        catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
        {
            // The part of the tree is not there yet: nothing is in it.
        }

        return null;
    }
}
