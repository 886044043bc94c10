using System.Globalization;
using Postern.EdgeSync.Settings;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>What a domain controller says about itself, MS-ADTS section 3.1.1.3.2 (rootDSE).</summary>
/// <param name="NamingContext">The one that the source's base lies in, as the server writes it.</param>
/// <param name="BaseDn">The source's base as the server writes it.</param>
/// <param name="InvocationId">Empty: the account may not read it.</param>
/// <param name="HighestUsn">highestCommittedUSN at this moment.</param>
internal sealed record DomainControllerFacts(
    DistinguishedName NamingContext, DistinguishedName BaseDn, string ServiceName, ReadOnlyMemory<byte> InvocationId, long HighestUsn, IReadOnlySet<string> Controls)
{
    private const string NamingContexts = "namingContexts";
    private const string ServiceNameAttribute = "dsServiceName";
    private const string InvocationIdAttribute = "invocationId";
    private const string HighestUsnAttribute = "highestCommittedUSN";
    private const string SupportedControl = "supportedControl";

    /// <exception cref="SourceException">The base is in none of its naming contexts, or this is no domain controller.</exception>
    public static async Task<DomainControllerFacts> ReadAsync(LdapConnection connection, SourceSettings settings, string where, CancellationToken cancellationToken)
    {
        LdapEntry root = await ReadOneAsync(connection, "", cancellationToken, NamingContexts, ServiceNameAttribute, HighestUsnAttribute, SupportedControl)
            ?? throw new SourceException(settings.Name, $"{where} has no rootDSE", "Check that url is that of a domain controller.");
        if (root.FirstString(ServiceNameAttribute) is not { } serviceName || ReadUsn(root) is not { } usn)
        {
            throw new SourceException(
                settings.Name,
                $"{where} does not tell {ServiceNameAttribute} and {HighestUsnAttribute}: it is no domain controller",
                "Use the type ldap or openldap for other directories.");
        }

        DistinguishedName baseDn = DistinguishedName.Parse(settings.BaseDn!);
        DistinguishedName? context = root.Strings(NamingContexts)
            .Select(text => DistinguishedName.TryParse(text, out DistinguishedName dn, out _) ? dn : DistinguishedName.Root)
            .Where(dn => !dn.IsRoot && baseDn.IsWithin(dn))
            .MaxBy(dn => dn.Depth);
        if (context is null)
        {
            throw new SourceException(
                settings.Name,
                $"{where} does not hold {settings.BaseDn}; it holds {string.Join(", ", root.Strings(NamingContexts))}",
                "Name a domain controller of the domain that baseDn is in.");
        }

        Task<LdapEntry?> service = ReadOneAsync(connection, serviceName, cancellationToken, InvocationIdAttribute);
        Task<LdapEntry?> baseEntry = ReadOneAsync(connection, settings.BaseDn!, cancellationToken, "1.1");
        ReadOnlyMemory<byte> invocationId = (await service)?.Find(InvocationIdAttribute) is { Values: [{ Length: > 0 } value, ..] } ? value : default;

        // Without its base a source would look empty, and a delta would take everything for moved away.
        if (await baseEntry is not { } found)
        {
            throw new SourceException(
                settings.Name,
                $"{where} has no {settings.BaseDn}",
                "Check baseDn: it may have been renamed or moved, or be hidden from the account.");
        }

        DistinguishedName written = DistinguishedName.TryParse(found.Dn, out DistinguishedName own, out _) ? own : baseDn;
        return new DomainControllerFacts(context, written, serviceName, invocationId, usn, root.Strings(SupportedControl).ToHashSet());
    }

    /// <returns>highestCommittedUSN now.</returns>
    public static async Task<long> ReadUsnAsync(LdapConnection connection, CancellationToken cancellationToken) =>
        await ReadOneAsync(connection, "", cancellationToken, HighestUsnAttribute) is { } root && ReadUsn(root) is { } usn
            ? usn
            : throw new LdapException(LdapResultCode.NoSuchAttribute, $"the rootDSE does not tell {HighestUsnAttribute}");

    private static long? ReadUsn(LdapEntry root) =>
        long.TryParse(root.FirstString(HighestUsnAttribute), NumberStyles.None, CultureInfo.InvariantCulture, out long usn) ? usn : null;

    /// <returns>Null: not there, or not for this account.</returns>
    private static async Task<LdapEntry?> ReadOneAsync(LdapConnection connection, string dn, CancellationToken cancellationToken, params string[] attributes)
    {
        try
        {
            return await connection.SearchAsync(SearchRequest.ReadEntry(dn, attributes), cancellationToken).LastOrDefaultAsync(cancellationToken);
        }
        catch (LdapException e) when (e.Code is LdapResultCode.NoSuchObject or LdapResultCode.InsufficientAccessRights or LdapResultCode.Referral)
        {
            return null;
        }
    }
}
