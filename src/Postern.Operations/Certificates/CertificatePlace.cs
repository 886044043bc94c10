using Postern.Certificates;
using Postern.EdgeSync;

namespace Postern.Operations.Certificates;

/// <summary>Where the certificates of a data folder lie: of an edge, of a hub, or of a mail server that is neither.</summary>
/// <param name="Root">The data folder; need not exist yet.</param>
public sealed record CertificatePlace(string Root)
{
    /// <summary>The local store, mode 0700.</summary>
    public string Store => Path.Combine(Root, "certificates");

    /// <summary>Roots, intermediates and revocation lists of this node, beside those of the system.</summary>
    public string Trust => Path.Combine(Store, "trust");

    /// <summary>What is written for Postfix, Dovecot, ... to read, mode 0700.</summary>
    public string Services => Path.Combine(Root, "services");

    /// <summary>Which instances of Postfix, Dovecot, ... are meant; need not exist.</summary>
    public string ServicesSettings => Path.Combine(Root, "services.json");

    /// <summary>The node's own certificate, by which hubs and edges know it: folder of its keys, and its name.</summary>
    public IReadOnlyList<(string Folder, string Name, MailServices Services)> NodeCertificates =>
    [
        (new EdgePaths(Root).KeysFolder, "edge-cert", MailServices.Ldaps | MailServices.EdgeSync),
        (new HubPaths(Root).KeysFolder, "transport-service-cert", MailServices.EdgeSync),
    ];

    public static CertificatePlace Of(string dataFolder) => new(Path.GetFullPath(dataFolder));

    public LocalCertificateStore Open(TimeProvider time) => new(Store, time);
}
