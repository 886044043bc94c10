using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Credentials;

/// <summary>
/// The certificates that an edge takes for those of one hub (posternHubTrust below ou=credentials, named as the hub). Beside the credentials
/// and not among the replicated servers: what ends the accounts of a hub ends this too.
/// </summary>
internal static class HubTrustEntry
{
    public static string Dn(string hub) => $"cn={DistinguishedName.EscapeValue(hub)},{EdgeLayout.Credentials}";

    public static AddRequest ToAdd(string hub, IReadOnlyList<ReadOnlyMemory<byte>> certificates) => new(
        Dn(hub),
        new LdapAttribute("objectClass", PosternClasses.HubTrust),
        new LdapAttribute("cn", hub),
        new LdapAttribute(PosternAttributes.TrustedCertificate, certificates));

    public static ModifyRequest ToReplace(string hub, IReadOnlyList<ReadOnlyMemory<byte>> certificates) => new(
        Dn(hub), new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.TrustedCertificate, certificates)));

    /// <summary>Puts it there, whatever is there.</summary>
    /// <exception cref="LdapException">The edge refused.</exception>
    public static async Task PutAsync(IDirectory edge, string hub, IReadOnlyList<ReadOnlyMemory<byte>> certificates, CancellationToken cancellationToken)
    {
        LdapResult result = await edge.ModifyAsync(ToReplace(hub, certificates), cancellationToken);
        if (result.Code == LdapResultCode.NoSuchObject)
        {
            result = await edge.AddAsync(ToAdd(hub, certificates), cancellationToken);
        }

        result.ThrowIfFailed($"say which certificates are hub {hub}'s");
    }

    public static IReadOnlyList<ReadOnlyMemory<byte>> Read(LdapEntry entry) =>
        entry.Find(PosternAttributes.TrustedCertificate)?.Values ?? [];

    /// <returns>The hub whose certificate it is; null when it is nobody's, or several claim it.</returns>
    public static async Task<string?> FindHubAsync(IDirectory edge, ReadOnlyMemory<byte> certificate, CancellationToken cancellationToken)
    {
        List<string> hubs = [];
        SearchRequest request = new(EdgeLayout.Credentials, SearchScope.SingleLevel, Filter.Equal("objectClass", PosternClasses.HubTrust), ["cn", PosternAttributes.TrustedCertificate]);
        await foreach (LdapEntry entry in edge.SearchAsync(request, cancellationToken))
        {
            if (Read(entry).Any(one => one.Span.SequenceEqual(certificate.Span)))
            {
                hubs.Add(DistinguishedName.Parse(entry.Dn).Rdn.Parts[0].Value);
            }
        }

        return hubs is [var only] ? only : null;
    }
}
