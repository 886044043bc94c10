using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Rotation;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Enrolment;

/// <summary>A hub as the organization directory knows it.</summary>
/// <param name="Certificate">TransportService-Cert, DER; null when there is none that credentials could be sealed for.</param>
/// <param name="Edges">Edges for which it has a credential there.</param>
public sealed record HubServer(string Name, string Fqdn, string Site, string Version, ReadOnlyMemory<byte>? Certificate, IReadOnlyList<string> Edges)
{
    internal string Dn { get; init; } = "";

    /// <summary>Certificates that edges take for this hub's, DER.</summary>
    internal IReadOnlyList<ReadOnlyMemory<byte>> TrustedCertificates => Certificate is { } current ? [.. new[] { current, Next, Previous }.Where(one => !one.IsEmpty)] : [];

    /// <summary>DER; empty: none.</summary>
    internal ReadOnlyMemory<byte> Next { get; init; }

    /// <summary>DER; empty: none.</summary>
    internal ReadOnlyMemory<byte> Previous { get; init; }

    /// <summary>The records of its entry as they stand there: sealed for this hub.</summary>
    internal IReadOnlyList<StoredCredential> Credentials { get; init; } = [];

    internal IEnumerable<CredentialRecord> For(string edge, CredentialKind kind) =>
        Credentials.Select(one => one.Record).OfType<CredentialRecord>().Where(record => record.Kind == kind && record.IsFor(edge));
}

/// <summary>The hubs in the organization directory (posternServer below ou=servers): each makes its own entry; the holder of an edge's lease
/// leaves the credentials of the others there. Servers that are no hubs have no public key and are none of our business.</summary>
public sealed class HubServers(IDirectory organization)
{
    internal IDirectory Organization => organization;

    /// <summary>In the order of their names.</summary>
    /// <exception cref="LdapException">The directory cannot be read to its end.</exception>
    public async Task<IReadOnlyList<HubServer>> ListAsync(CancellationToken cancellationToken = default)
    {
        SearchRequest request = new(ConfigurationClasses.Server.OrganizationDn, SearchScope.SingleLevel, new PresentFilter(PosternAttributes.ServerPublicKey), ["*"]);
        List<HubServer> servers = [];
        await foreach (LdapEntry entry in organization.SearchAsync(request, cancellationToken))
        {
            servers.Add(Read(entry));
        }

        servers.Sort((a, b) => string.Compare(a.Name, b.Name, StringComparison.OrdinalIgnoreCase));
        return servers;
    }

    public async Task<HubServer?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        (await ListAsync(cancellationToken)).FirstOrDefault(server => string.Equals(server.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Makes the hub's own entry, or brings it up to date: what others wrote there stays.</summary>
    /// <exception cref="LdapException">The directory refused.</exception>
    public async Task PublishAsync(HubIdentity hub, CancellationToken cancellationToken = default)
    {
        if (!await PublishAgainAsync(hub, cancellationToken))
        {
            LdapAttribute[] own = [.. Own(hub).Where(attribute => attribute.Values.Count > 0)];
            (await organization.AddAsync(
                new AddRequest(DnOf(hub.Name), [new LdapAttribute("objectClass", PosternClasses.Server), new LdapAttribute("cn", hub.Name), .. own]), cancellationToken))
                .ThrowIfFailed($"publish hub {hub.Name}");
        }
    }

    /// <summary>Brings the hub's own entry up to date.</summary>
    /// <returns>False when it has none: somebody removed it.</returns>
    /// <exception cref="LdapException">The directory refused.</exception>
    internal async Task<bool> PublishAgainAsync(HubIdentity hub, CancellationToken cancellationToken)
    {
        LdapResult changed = await organization.ModifyAsync(
            new ModifyRequest(DnOf(hub.Name), [.. Own(hub).Select(attribute => new Modification(ModificationType.Replace, attribute))]), cancellationToken);
        if (changed.Code == LdapResultCode.NoSuchObject)
        {
            return false;
        }

        changed.ThrowIfFailed($"publish hub {hub.Name}");
        return true;
    }

    private static LdapAttribute[] Own(HubIdentity hub)
    {
        NodeCertificates certificates = hub.Rotation.Certificates;
        return
        [
            new(PosternAttributes.ServerFqdn, hub.Fqdn),
            new(PosternAttributes.Site, hub.Site),
            new(PosternAttributes.ServerVersion, hub.Version),
            new(PosternAttributes.ServerPublicKey, hub.Certificate.PublicKey.ExportSubjectPublicKeyInfo()),
            new(PosternAttributes.InternalTlsCertificate, hub.Certificate.RawData),
            new(PosternAttributes.NextCertificate, Der(certificates.Next)),
            new(PosternAttributes.PreviousCertificate, Der(certificates.Previous)),
        ];
    }

    private static IReadOnlyList<ReadOnlyMemory<byte>> Der(X509Certificate2? certificate) => certificate is null ? [] : [certificate.RawData];

    /// <returns>False when there is no such hub.</returns>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken = default)
    {
        if (await FindAsync(name, cancellationToken) is not { } server)
        {
            return false;
        }

        LdapResult result = await organization.DeleteAsync(new DelRequest(server.Dn), cancellationToken);
        if (result.Code != LdapResultCode.NoSuchObject)
        {
            result.ThrowIfFailed($"remove hub {server.Name}");
        }

        return true;
    }

    /// <summary>After the end of a subscription, or when it was made anew.</summary>
    /// <param name="but">Whose records stay; null: nobody's.</param>
    internal async Task ForgetEdgeAsync(string edge, string? but, CancellationToken cancellationToken)
    {
        foreach (HubServer server in await ListAsync(cancellationToken))
        {
            if (!string.Equals(server.Name, but, StringComparison.OrdinalIgnoreCase))
            {
                await CredentialValues.ChangeAsync(
                    organization, server.Dn, [.. server.Credentials.Where(one => one.Record?.IsFor(edge) == true)], [], $"forget the credentials for edge {edge}", cancellationToken);
            }
        }
    }

    internal static string DnOf(string name) => $"cn={DistinguishedName.EscapeValue(name)},{ConfigurationClasses.Server.OrganizationDn}";

    private static HubServer Read(LdapEntry entry)
    {
        IReadOnlyList<StoredCredential> credentials = CredentialValues.Read(entry);
        ReadOnlyMemory<byte>? certificate = null;
        if (entry.Find(PosternAttributes.InternalTlsCertificate) is { Values: [{ } der, ..] } && entry.Find(PosternAttributes.ServerPublicKey) is { Values: [{ } key, ..] }
            && CanSeal(der.Span, key.Span))
        {
            certificate = der.ToArray();
        }

        return new HubServer(
            entry.FirstString("cn") ?? entry.Dn,
            entry.FirstString(PosternAttributes.ServerFqdn) ?? "",
            entry.FirstString(PosternAttributes.Site) ?? "",
            entry.FirstString(PosternAttributes.ServerVersion) ?? "",
            certificate,
            [.. credentials.Where(one => one.Record?.Kind == CredentialKind.Replication).Select(one => one.Record!.TargetServer).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)])
        {
            Dn = entry.Dn,
            Credentials = credentials,
            Next = EdgeAnnouncements.Value(entry, PosternAttributes.NextCertificate),
            Previous = EdgeAnnouncements.Value(entry, PosternAttributes.PreviousCertificate),
        };
    }

    /// <summary>Whether the certificate is one, has the key that the entry names, and something can be sealed for the key.</summary>
    private static bool CanSeal(ReadOnlySpan<byte> der, ReadOnlySpan<byte> publicKey)
    {
        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
            return CertificateKeys.CanSeal(certificate) && certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
