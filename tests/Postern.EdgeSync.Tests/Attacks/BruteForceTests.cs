using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Diagnosis;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Tests.Diagnosis;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Ldap.Codec;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Attacks;

/// <summary>Guessing on 50636. Passwords are 256 random bits and more, so no guess comes true: it is about whom the guessing hurts.</summary>
public sealed class BruteForceTests
{
    /// <summary>One guess a minute for a day: after the free ones each wait doubles to 15 minutes, so that 4 in an hour are heard.</summary>
    private const int MostHeardInADay = 5 + 10 + (24 * 4);

    [Fact]
    public async Task Guesses_at_a_hubs_account_are_not_even_heard_and_the_hub_goes_on_from_its_own_address()
    {
        await using Ward ward = await Ward.OpenAsync();
        string account = (await ward.AccountsAsync())[0];
        int heard = 0;
        for (TimeSpan passed = TimeSpan.Zero; passed < TimeSpan.FromDays(1); passed += TimeSpan.FromMinutes(1))
        {
            heard += (await GuessAsync(ward.Edge, "127.0.0.2", account)).Code == LdapResultCode.InvalidCredentials ? 1 : 0;
            ward.Advance(TimeSpan.FromMinutes(1));
            if (passed.Minutes == 0 && passed.Hours % 6 == 0)
            {
                await ward.SynchronizeAsync();
            }
        }

        Assert.InRange(heard, 5, MostHeardInADay);
        await ward.SynchronizeAsync();
        Assert.DoesNotContain(await ward.AskHubAsync(), one => one.State == FindingState.Failed);
    }

    [Fact]
    public async Task Guesses_at_many_accounts_shut_the_address_out_and_nobody_else()
    {
        await using Ward ward = await Ward.OpenAsync();
        int free = new LoginBackoffOptions().FreeFailuresPerAddress;
        for (int i = 0; i < free; i++)
        {
            Assert.Equal(LdapResultCode.InvalidCredentials, (await GuessAsync(ward.Edge, "127.0.0.2", $"cn=u{i},{EdgeLayout.Accounts}")).Code);
        }

        Assert.Equal(LdapResultCode.Busy, (await GuessAsync(ward.Edge, "127.0.0.2", $"cn=another,{EdgeLayout.Accounts}")).Code);
        Assert.Equal(LdapResultCode.InvalidCredentials, (await GuessAsync(ward.Edge, "127.0.0.3", $"cn=another,{EdgeLayout.Accounts}")).Code);
        await ward.SynchronizeAsync();
    }

    [Fact]
    public async Task Nothing_tells_an_account_that_exists_from_one_that_does_not()
    {
        await using Ward ward = await Ward.OpenAsync();
        LdapResult there = await GuessAsync(ward.Edge, "127.0.0.2", (await ward.AccountsAsync())[0]);
        LdapResult not = await GuessAsync(ward.Edge, "127.0.0.2", $"cn=ESRA.edge.HUB9.0,{EdgeLayout.Accounts}");
        Assert.Equal((not.Code, not.DiagnosticMessage, not.MatchedDn), (there.Code, there.DiagnosticMessage, there.MatchedDn));
    }

    [Fact]
    public async Task Guesses_at_the_bootstrap_account_close_it_from_wherever_they_come()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        for (int i = 2; i < 7; i++)
        {
            await GuessAsync(edge, $"127.0.0.{i}", $"cn=ESRA.edge1,{EdgeLayout.Accounts}");
        }

        SubscriptionException closed = await Assert.ThrowsAsync<SubscriptionException>(() => hub.Subscriptions.ImportAsync(file, "Site", edge.Address));
        Assert.Equal(FindingCodes.BootstrapClosed, LogonDiagnosis.Explain(closed, TimeSpan.Zero));

        // A new file works: whoever guesses costs an operator a walk, and gets nothing.
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(force: true), "Site", edge.Address);
    }

    private static async Task<LdapResult> GuessAsync(TestEdge edge, string from, string account)
    {
        LdapEndpoint endpoint = LdapEndpoint.Parse($"ldaps://{edge.Address}");
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(IPAddress.Parse(endpoint.Host), endpoint.Port);
        await using SslStream tls = new(new NetworkStream(socket));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = TestEdge.Fqdn,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        });
        await tls.WriteAsync(LdapCodec.Encode(new LdapMessage(1, new BindRequest(3, account, new SimpleCredentials(Encoding.ASCII.GetBytes("Passw0rd"))))));
        byte[] answer = new byte[4096];
        int filled = 0;
        int length;
        while (LdapCodec.TryFrame(new ReadOnlySequence<byte>(answer, 0, filled), LdapLimits.Default, out length) != LdapFrameStatus.Complete)
        {
            filled += await tls.ReadAsync(answer.AsMemory(filled)) is > 0 and int read ? read : throw new EndOfStreamException("the edge hung up");
        }

        return ((BindResponse)LdapCodec.Decode(answer.AsMemory(0, length), LdapLimits.Default).Operation).Result;
    }
}
