using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Enrolment;

/// <summary>A hub as the organization directory knows it.</summary>
/// <param name="Certificate">TransportService-Cert, DER; null when there is none that credentials could be sealed for.</param>
/// <param name="Edges">Edges for which it has a credential there.</param>
public sealed record HubServer(string Name, string Fqdn, string Site, string Version, ReadOnlyMemory<byte>? Certificate, IReadOnlyList<string> Edges)
{
    /// <summary>The records of its entry as they stand there.</summary>
    internal IReadOnlyList<(ReadOnlyMemory<byte> Octets, HubCredential? Record)> Credentials { get; init; } = [];

    internal string? CertificateSha256 => Certificate is { } der ? Convert.ToHexStringLower(SHA256.HashData(der.Span)) : null;

    internal HubCredential? For(string edge) =>
        Credentials.Select(one => one.Record).LastOrDefault(record => record is not null && string.Equals(record.TargetServer, edge, StringComparison.OrdinalIgnoreCase));
}

/// <summary>The hubs in the organization directory (posternServer below ou=servers): each makes its own entry; the holder of an edge's lease
/// leaves the credentials of the others there. Servers that are no hubs have no public key and are none of our business.</summary>
public sealed class HubServers(IDirectory organization)
{
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
        LdapAttribute[] own =
        [
            new(PosternAttributes.ServerFqdn, hub.Fqdn),
            new(PosternAttributes.Site, hub.Site),
            new(PosternAttributes.ServerVersion, hub.Version),
            new(PosternAttributes.ServerPublicKey, hub.Certificate.PublicKey.ExportSubjectPublicKeyInfo()),
            new(PosternAttributes.InternalTlsCertificate, hub.Certificate.RawData),
        ];
        LdapResult changed = await organization.ModifyAsync(
            new ModifyRequest(Dn(hub.Name), Array.ConvertAll(own, attribute => new Modification(ModificationType.Replace, attribute))), cancellationToken);
        if (changed.Code == LdapResultCode.NoSuchObject)
        {
            changed = await organization.AddAsync(
                new AddRequest(Dn(hub.Name), [new LdapAttribute("objectClass", PosternClasses.Server), new LdapAttribute("cn", hub.Name), .. own]), cancellationToken);
        }

        changed.ThrowIfFailed($"publish hub {hub.Name}");
    }

    /// <returns>False when there is no such hub.</returns>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken = default)
    {
        if (await FindAsync(name, cancellationToken) is not { } server)
        {
            return false;
        }

        LdapResult result = await organization.DeleteAsync(new DelRequest(Dn(server.Name)), cancellationToken);
        if (result.Code != LdapResultCode.NoSuchObject)
        {
            result.ThrowIfFailed($"remove hub {server.Name}");
        }

        return true;
    }

    /// <summary>Puts a credential in the place of those that the server has for the same edge.</summary>
    internal async Task StoreAsync(HubServer server, HubCredential credential, CancellationToken cancellationToken)
    {
        List<Modification> changes = [.. Of(server, credential.TargetServer).Select(Gone)];
        changes.Add(new Modification(ModificationType.Add, new LdapAttribute(PosternAttributes.EdgeSyncCredential, credential.ToOctets())));
        (await organization.ModifyAsync(new ModifyRequest(Dn(server.Name), changes), cancellationToken)).ThrowIfFailed($"store a credential of hub {server.Name}");
    }

    /// <summary>After the end of a subscription.</summary>
    internal async Task ForgetEdgeAsync(string edge, CancellationToken cancellationToken)
    {
        foreach (HubServer server in await ListAsync(cancellationToken))
        {
            if (Of(server, edge).Select(Gone).ToArray() is { Length: > 0 } changes)
            {
                (await organization.ModifyAsync(new ModifyRequest(Dn(server.Name), changes), cancellationToken)).ThrowIfFailed($"forget the credentials for edge {edge}");
            }
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Of(HubServer server, string edge) => server.Credentials
        .Where(one => one.Record is { } record && string.Equals(record.TargetServer, edge, StringComparison.OrdinalIgnoreCase))
        .Select(one => one.Octets);

    private static Modification Gone(ReadOnlyMemory<byte> value) =>
        new(ModificationType.Delete, new LdapAttribute(PosternAttributes.EdgeSyncCredential, [value]));

    private static string Dn(string name) => $"cn={DistinguishedName.EscapeValue(name)},{ConfigurationClasses.Server.OrganizationDn}";

    private static HubServer Read(LdapEntry entry)
    {
        (ReadOnlyMemory<byte> Octets, HubCredential? Record)[] credentials =
            [.. (entry.Find(PosternAttributes.EdgeSyncCredential)?.Values ?? []).Select(value => ((ReadOnlyMemory<byte>)value.ToArray(), HubCredential.Read(value.Span)))];
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
            [.. credentials.Where(one => one.Record is not null).Select(one => one.Record!.TargetServer).Order(StringComparer.OrdinalIgnoreCase)])
        {
            Credentials = credentials,
        };
    }

    /// <summary>Whether the certificate is one, has the key that the entry names, and the key can decrypt.</summary>
    private static bool CanSeal(ReadOnlySpan<byte> der, ReadOnlySpan<byte> publicKey)
    {
        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
            using RSA? rsa = certificate.GetRSAPublicKey();
            return rsa is not null && rsa.KeySize >= LeastKeyBits && certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Bits of an RSA modulus (NIST SP 800-57: 2048 at least).</summary>
    private const int LeastKeyBits = 2048;
}
