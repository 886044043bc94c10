using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postern.Certificates;
using Postern.EdgeSync.Subscriptions;

namespace Postern.Operations.Subscriptions;

/// <summary>What a new subscription file is sealed with.</summary>
internal sealed class SubscriptionSeal
{
    private readonly string? _passphrase;
    private readonly X509Certificate2? _hub;

    private SubscriptionSeal(string? passphrase, X509Certificate2? hub) => (_passphrase, _hub) = (passphrase, hub);

    public SubscriptionForm Form => _hub is not null ? SubscriptionForm.Hub : _passphrase is not null ? SubscriptionForm.Passphrase : SubscriptionForm.Clear;

    public string? HubSha256 => _hub is null ? null : CertificatePin.Of(_hub).ToString();

    /// <exception cref="SubscriptionException">A passphrase and a hub, a passphrase that will not do, or no certificate that anything can be sealed for.</exception>
    public static SubscriptionSeal Of(NewSubscription request)
    {
        if (request is { Passphrase: not null, ForHub: not null })
        {
            throw new SubscriptionException("a subscription file is sealed with a passphrase or for a hub, not both", "Leave out one of them: what is sealed for a hub needs no passphrase.");
        }

        if (request.Passphrase is { } passphrase)
        {
            SealedSubscription.CheckPassphrase(passphrase);
        }

        SubscriptionSeal seal = new(request.Passphrase, request.ForHub is { } pem ? ReadHub(pem) : null);
        if (seal._hub is not null)
        {
            SealedSubscription.Seal([], seal._hub);
        }

        return seal;
    }

    public string Apply(SubscriptionFile file)
    {
        byte[] clear = file.ToBytes();
        byte[] content = _hub is not null ? SealedSubscription.Seal(clear, _hub) : _passphrase is not null ? SealedSubscription.Seal(clear, _passphrase) : clear;
        return Encoding.UTF8.GetString(content);
    }

    private static X509Certificate2 ReadHub(string pem)
    {
        try
        {
            return X509Certificate2.CreateFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new SubscriptionException("the hub's certificate is not one in PEM form", "Take what 'postern hub identity' printed on the hub, whole.", e);
        }
    }
}
