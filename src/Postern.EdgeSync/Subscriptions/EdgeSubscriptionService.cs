using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.Directory;
using Postern.Mail;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>What <c>subscription new</c> asks for.</summary>
public sealed record NewSubscriptionOptions
{
    /// <summary>The edge's own name, e.g. <c>edge1.example.net</c>: hubs must be able to resolve it.</summary>
    public required string Fqdn { get; init; }

    /// <summary>Short name. Default: the first label of <see cref="Fqdn"/>.</summary>
    public string? EdgeName { get; init; }

    public int AdamSslPort { get; init; } = DefaultSslPort;

    /// <summary>Life of the bootstrap account. Default 24 h (fact sheet 2.2), at least 2 minutes.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromHours(24);

    public KeyAlgorithm KeyAlgorithm { get; init; } = KeyAlgorithm.EcdsaP256;

    /// <summary>Exports again although there is a subscription: its replication accounts end, the data stays.</summary>
    public bool Force { get; init; }

    /// <summary>Fact sheet 1.3.</summary>
    public const int DefaultSslPort = 50636;

    /// <summary>Fact sheet 2.2.</summary>
    public static readonly TimeSpan MinimumDuration = TimeSpan.FromMinutes(2);
}

/// <summary>The edge's side of its Edge Subscription.</summary>
public sealed class EdgeSubscriptionService(DirectoryEngine engine, CertificateStore certificates, EdgePaths paths, TimeProvider time)
{
    /// <summary>Makes the fixed entries of the edge directory if they are missing.</summary>
    public Task EnsureStructureAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException($"{engine}{certificates}{paths}{time}");

    /// <summary>Edge-Cert, made if there is none yet.</summary>
    public X509Certificate2 EnsureCertificate(string fqdn, KeyAlgorithm algorithm = KeyAlgorithm.EcdsaP256) => throw new NotImplementedException();

    /// <summary>Edge-Cert, or null before the first <see cref="EnsureCertificate"/>.</summary>
    public X509Certificate2? Certificate => throw new NotImplementedException();

    /// <summary>The key that addresses are hashed with; null while there was never a subscription. Kept in memory once read.</summary>
    public AddressHashKey? AddressKey => throw new NotImplementedException();

    /// <summary>Makes what a hub needs to subscribe; the caller writes the file.</summary>
    /// <exception cref="SubscriptionException">There is a subscription and no force; or a bad name, port or duration.</exception>
    public Task<SubscriptionFile> NewAsync(NewSubscriptionOptions options, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>The edge's subscription, or null.</summary>
    public Task<EdgeSubscription?> FindAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Ends the subscription: accounts first, then replicated data, in batches.</summary>
    /// <param name="progress">Entries deleted so far.</param>
    /// <exception cref="SubscriptionException">No such subscription.</exception>
    public Task<SubscriptionRemoval> RemoveAsync(string name, IProgress<long>? progress = null, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}
