using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Postern.Certificates;
using Postern.Mail;
using Postern.Operations.Certificates;
using Postern.Operations.Configuration;

namespace Postern.Operations.Tests.Certificates;

public sealed class ConnectorFollowingTests
{
    private readonly X509Certificate2 _old = Make("mail.example.com");
    private readonly Dictionary<string, string> _set = [];

    [Fact]
    public async Task Connector_that_named_the_old_certificate_names_its_successor()
    {
        X509Certificate2 successor = Make("mx.example.com");

        IReadOnlyList<ConnectorFollowed> followed = await Following(null).FollowAsync(_old, successor, default);

        Assert.Equal(["receive connector 'Front' follows: <I>CN=mail.example.com<S>CN=mail.example.com is <I>CN=mx.example.com<S>CN=mx.example.com now"], followed.Select(one => one.ToString()));
        Assert.Equal("<I>CN=mx.example.com<S>CN=mx.example.com", Assert.Single(_set).Value);
        Assert.Empty(await Following(null).FollowAsync(_old, Make("mail.example.com"), default));
    }

    [Fact]
    public async Task Where_the_hub_manages_the_connectors_the_command_is_told()
    {
        OperationException refused = new(FailureCategory.Conflict, "managedByHub", "the receive connectors of this edge are the hub's", "");

        ConnectorFollowed one = Assert.Single(await Following(refused).FollowAsync(_old, Make("mx.example.com"), default));

        Assert.Empty(_set);
        Assert.Contains("postern connector receive set \"Front\" --tls-certificate-name \"<I>CN=mx.example.com<S>CN=mx.example.com\"", one.Error, StringComparison.Ordinal);
    }

    private ConnectorFollowing Following(OperationException? refusal) => new(
        (kind, _) => Task.FromResult(new ConfigurationList(kind == ConfigurationClasses.ReceiveConnector
            ? [Connector("Front", "<I>CN=mail.example.com<S>CN=mail.example.com"), Connector("Other", "<I>CN=CA<S>CN=mail.example.com"), Connector("Plain", null)] : [])),
        (_, request, _) =>
        {
            if (refusal is not null)
            {
                throw refusal;
            }

            _set[request.Name!] = request.Values!["tlsCertificateName"][0];
            return Task.CompletedTask;
        });

    private static JsonObject Connector(string name, string? certificate)
    {
        JsonObject one = new() { ["name"] = name };
        if (certificate is not null)
        {
            one["tlsCertificateName"] = certificate;
        }

        return one;
    }

    private static X509Certificate2 Make(string name) => SelfSignedCertificate.Create(new SelfSignedRequest(name, [name], KeyAlgorithm.EcdsaP256, TimeSpan.FromDays(1)), TimeProvider.System);
}
