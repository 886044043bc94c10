using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync;

/// <summary>The organization's accepted domains. They reach the edges with the next configuration cycle.</summary>
public sealed class AcceptedDomains(IDirectory organization)
{
    /// <exception cref="LdapException">entryAlreadyExists when the domain is there; invalidAttributeSyntax when it is no domain.</exception>
    public async Task<AcceptedDomain> AddAsync(string name, AcceptedDomainType type, CancellationToken cancellationToken = default)
    {
        AcceptedDomain domain = Parse(name, type);
        AddRequest add = new(
            Dn(domain.Name),
            new LdapAttribute("objectClass", PosternClasses.AcceptedDomain),
            new LdapAttribute("cn", domain.Name),
            new LdapAttribute(PosternAttributes.DomainName, domain.Name),
            new LdapAttribute(PosternAttributes.DomainType, AcceptedDomain.TypeName(type)));
        LdapResult result = await organization.AddAsync(add, cancellationToken);
        if (result.Code == LdapResultCode.EntryAlreadyExists)
        {
            throw new LdapException(result.Code, $"{domain.Name} is an accepted domain already; remove it first to change its type");
        }

        result.ThrowIfFailed($"add accepted domain {domain.Name}");
        return domain;
    }

    /// <summary>In the order of their names.</summary>
    public async Task<IReadOnlyList<AcceptedDomain>> ListAsync(CancellationToken cancellationToken = default)
    {
        SearchRequest request = new(
            OrganizationLayout.AcceptedDomains,
            SearchScope.SingleLevel,
            Filter.Equal("objectClass", PosternClasses.AcceptedDomain),
            [PosternAttributes.DomainName, PosternAttributes.DomainType]);
        List<AcceptedDomain> domains = [];
        await foreach (LdapEntry entry in organization.SearchAsync(request, cancellationToken))
        {
            if (entry.FirstString(PosternAttributes.DomainName) is { } name
                && AcceptedDomain.TryParseType(entry.FirstString(PosternAttributes.DomainType) ?? "", out AcceptedDomainType type))
            {
                domains.Add(new AcceptedDomain(name, type));
            }
        }

        domains.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return domains;
    }

    /// <returns>False when there is no such domain.</returns>
    /// <exception cref="LdapException">invalidAttributeSyntax when it is no domain.</exception>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken = default)
    {
        AcceptedDomain domain = Parse(name, AcceptedDomainType.Authoritative);
        LdapResult result = await organization.DeleteAsync(new DelRequest(Dn(domain.Name)), cancellationToken);
        if (result.Code == LdapResultCode.NoSuchObject)
        {
            return false;
        }

        result.ThrowIfFailed($"remove accepted domain {domain.Name}");
        return true;
    }

    /// <summary>What a domain is known by on the edges.</summary>
    internal static EntryId IdOf(string name) => EntryId.FromName("acceptedDomains", name);

    private static string Dn(string name) => $"cn={DistinguishedName.EscapeValue(name)},{OrganizationLayout.AcceptedDomains}";

    private static AcceptedDomain Parse(string name, AcceptedDomainType type) =>
        AcceptedDomain.TryParse(name, type, out AcceptedDomain? domain, out string? error)
            ? domain
            : throw new LdapException(LdapResultCode.InvalidAttributeSyntax, error);
}
