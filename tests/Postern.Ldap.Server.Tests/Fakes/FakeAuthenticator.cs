using System.Text;

namespace Postern.Ldap.Server.Tests;

/// <summary>One account, cn=admin with the password "secret"; everybody else sees what <paramref name="anonymous"/> holds.</summary>
internal sealed class FakeAuthenticator(IControlledDirectory anonymous, IControlledDirectory bound) : ILdapAuthenticator
{
    public const string Admin = "cn=admin,o=test";

    /// <summary>Its bind throws.</summary>
    public const string Broken = "cn=broken,o=test";

    public Func<BindRequest, LdapPeer, CancellationToken, Task<LdapBindOutcome>>? OnBind { get; set; }

    public LdapPeer? LastPeer { get; private set; }

    public IControlledDirectory Anonymous(LdapPeer peer)
    {
        LastPeer = peer;
        return anonymous;
    }

    public Task<LdapBindOutcome> BindAsync(BindRequest request, LdapPeer peer, CancellationToken cancellationToken)
    {
        LastPeer = peer;
        if (OnBind is not null)
        {
            return OnBind(request, peer, cancellationToken);
        }

        if (request.Name == Broken)
        {
            throw new InvalidDataException("the account store is on fire");
        }

        bool right = request is { Name: Admin, Credentials: SimpleCredentials simple } && Encoding.UTF8.GetString(simple.Password.Span) == "secret";
        return Task.FromResult(right
            ? new LdapBindOutcome(LdapResult.Success, $"dn:{Admin}", bound)
            : new LdapBindOutcome(new LdapResult(LdapResultCode.InvalidCredentials), "", null));
    }
}
