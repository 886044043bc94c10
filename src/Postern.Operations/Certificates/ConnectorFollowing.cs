using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Postern.Mail;
using Postern.Operations.Configuration;
using Postern.Transport.Selection;

namespace Postern.Operations.Certificates;

/// <summary>A connector that named the old certificate.</summary>
/// <param name="Kind">receive or send.</param>
/// <param name="Error">Why it does not follow, and what to do; null: it does.</param>
public sealed record ConnectorFollowed(string Kind, string Name, string Before, string After, string? Error)
{
    public override string ToString() => Error is null ? $"{Kind} connector '{Name}' follows: {Before} is {After} now" : $"{Kind} connector '{Name}' still names {Before}: {Error}";
}

/// <summary>
/// Connectors that name a certificate by issuer and subject follow when its successor has another issuer or subject (fact sheet 7.5, 7.7: in
/// Exchange mail stops then). Where a hub manages the connectors they stay, and the command to run there is told.
/// </summary>
/// <param name="list">All connectors of a class.</param>
/// <param name="set">Sets the new name.</param>
public sealed class ConnectorFollowing(
    Func<ConfigurationClass, CancellationToken, Task<ConfigurationList>> list, Func<ConfigurationClass, ConfigurationRequest, CancellationToken, Task> set)
{
    private const string Field = "tlsCertificateName";

    public static ConnectorFollowing In(ConfigurationOperations configuration) => new(configuration.ListAsync, configuration.SetAsync);

    /// <returns>Those that named the old one; empty when nobody did, or the name stays.</returns>
    public async Task<IReadOnlyList<ConnectorFollowed>> FollowAsync(X509Certificate2 old, X509Certificate2 successor, CancellationToken cancellationToken)
    {
        if (IsSame(old, successor))
        {
            return [];
        }

        string after = new TlsCertificateName(successor.Issuer, successor.Subject).ToString();
        List<ConnectorFollowed> followed = [];
        foreach ((ConfigurationClass kind, string word) in ((ConfigurationClass, string)[])[(ConfigurationClasses.ReceiveConnector, "receive"), (ConfigurationClasses.SendConnector, "send")])
        {
            foreach (JsonObject connector in (await list(kind, cancellationToken)).Objects)
            {
                if (ConnectorView.Read(connector) is { Name: { } name, CertificateName: { } named } && ConnectorCertificateSelection.Fits(named, old))
                {
                    followed.Add(new ConnectorFollowed(word, name, named.ToString(), after, await SetAsync(kind, name, after, cancellationToken)));
                }
            }
        }

        return followed;
    }

    /// <summary><see cref="FollowAsync"/> in words.</summary>
    public async Task<IReadOnlyList<string>> FollowInWordsAsync(X509Certificate2 old, X509Certificate2 successor, CancellationToken cancellationToken) =>
        [.. (await FollowAsync(old, successor, cancellationToken)).Select(one => one.ToString())];

    /// <summary>Whether connectors that name the one name the other, too.</summary>
    public static bool IsSame(X509Certificate2 old, X509Certificate2 successor) =>
        old.SubjectName.RawData.AsSpan().SequenceEqual(successor.SubjectName.RawData) && old.IssuerName.RawData.AsSpan().SequenceEqual(successor.IssuerName.RawData);

    private async Task<string?> SetAsync(ConfigurationClass kind, string name, string after, CancellationToken cancellationToken)
    {
        try
        {
            await set(kind, new ConfigurationRequest(name, Values: new Dictionary<string, IReadOnlyList<string>> { [Field] = [after] }), cancellationToken);
            return null;
        }
        catch (OperationException e)
        {
            return $"{e.Message}; on a hub: postern {kind.Command} set \"{name}\" --tls-certificate-name \"{after}\"";
        }
    }
}
