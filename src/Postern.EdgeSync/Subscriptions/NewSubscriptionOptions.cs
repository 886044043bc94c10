using Postern.Certificates;

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

    /// <summary>A password that lies in a file should not live longer. Ours.</summary>
    public static readonly TimeSpan MaximumDuration = TimeSpan.FromDays(30);

    /// <exception cref="SubscriptionException">Names what is wrong.</exception>
    internal void Validate()
    {
        if (!EdgeNames.IsHostName(Fqdn, out string? error) || (EdgeName is not null && !EdgeNames.IsLabel(EdgeName, out error)))
        {
            throw new SubscriptionException(error, "Give the edge's own name with --fqdn when you start it.");
        }

        if (AdamSslPort is < 1 or > 65535)
        {
            throw new SubscriptionException($"port {AdamSslPort} is not a port", "Ports are 1 to 65535.");
        }

        if (Duration < MinimumDuration || Duration > MaximumDuration)
        {
            throw new SubscriptionException(
                $"a duration of {DurationText.Print(Duration)} is out of range",
                $"From {DurationText.Print(MinimumDuration)} to {DurationText.Print(MaximumDuration)}; the default is a day.");
        }
    }
}
