using System.Net;
using Postern.EdgeSync.Accounts;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Accounts;

public class LoginBackoffTests
{
    private static readonly LoginBackoffOptions Options = new();

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Wait_begins_after_the_free_failures_and_doubles_up_to_the_longest()
    {
        LoginBackoff backoff = new(Options, _time);
        EndPoint peer = At("192.0.2.1");
        for (int i = 1; i < Options.FreeFailuresPerAccount; i++)
        {
            backoff.NoteFailure("cn=hub", peer);
            Assert.Equal(TimeSpan.Zero, backoff.Wait("cn=hub", peer));
        }

        for (int seconds = 1; seconds < 900; seconds *= 2)
        {
            backoff.NoteFailure("cn=hub", peer);
            Assert.Equal(TimeSpan.FromSeconds(seconds), backoff.Wait("CN = hub", peer)); // the same account, spelled otherwise
            _time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal(TimeSpan.Zero, backoff.Wait("cn=hub", peer));
        }

        backoff.NoteFailure("cn=hub", peer);
        Assert.Equal(Options.LongestWait, backoff.Wait("cn=hub", peer));
    }

    [Fact]
    public void Flood_from_elsewhere_locks_nobody_out()
    {
        LoginBackoff backoff = new(Options, _time);
        for (int i = 0; i < 10_000; i++)
        {
            backoff.NoteFailure("cn=hub", At($"198.51.{i / 250}.{i % 250}"));
            backoff.NoteFailure("cn=hub", At("203.0.113.5"));
        }

        Assert.NotEqual(TimeSpan.Zero, backoff.Wait("cn=hub", At("203.0.113.5")));
        Assert.Equal(TimeSpan.Zero, backoff.Wait("cn=hub", At("192.0.2.1")));
    }

    [Fact]
    public void Address_that_tries_many_names_waits_for_all_of_them_but_not_for_one_that_was_let_in_before()
    {
        LoginBackoff backoff = new(Options, _time);
        EndPoint peer = At("127.0.0.1");
        backoff.NoteSuccess("cn=hub", peer);
        for (int i = 0; i < Options.FreeFailuresPerAddress; i++)
        {
            backoff.NoteFailure($"cn=guess{i}", peer);
        }

        Assert.Equal(Options.FirstWait, backoff.Wait("cn=another", peer));
        Assert.Equal(TimeSpan.Zero, backoff.Wait("cn=hub", peer));
    }

    [Fact]
    public void Addresses_of_one_ipv6_network_are_one()
    {
        LoginBackoff backoff = new(Options, _time);
        for (int i = 0; i < Options.FreeFailuresPerAddress; i++)
        {
            backoff.NoteFailure("cn=hub", At($"2001:db8:0:1::{i:x}"));
        }

        Assert.NotEqual(TimeSpan.Zero, backoff.Wait("cn=hub", At("2001:db8:0:1:ffff::1")));
        Assert.Equal(TimeSpan.Zero, backoff.Wait("cn=hub", At("2001:db8:0:2::1")));
    }

    [Fact]
    public void Success_clears_the_account_and_quiet_clears_both()
    {
        LoginBackoff backoff = new(Options, _time);
        EndPoint peer = At("192.0.2.1");
        for (int i = 0; i < Options.FreeFailuresPerAccount; i++)
        {
            backoff.NoteFailure("cn=hub", peer);
        }

        backoff.NoteSuccess("cn=hub", peer);
        Assert.Equal(TimeSpan.Zero, backoff.Wait("cn=hub", peer));
        for (int i = 0; i < Options.FreeFailuresPerAccount; i++)
        {
            backoff.NoteFailure("cn=other", peer);
        }

        _time.Advance(Options.Memory + TimeSpan.FromMinutes(1));
        backoff.NoteFailure("cn=other", peer);
        Assert.Equal(TimeSpan.Zero, backoff.Wait("cn=other", peer));
    }

    [Fact]
    public void Memory_is_bounded_and_keeps_who_waits()
    {
        LoginBackoff backoff = new(Options with { MaxRemembered = 100 }, _time);
        EndPoint guesser = At("203.0.113.5");
        for (int i = 0; i < Options.FreeFailuresPerAccount + 6; i++)
        {
            backoff.NoteFailure("cn=hub", guesser);
        }

        for (int i = 0; i < 1000; i++)
        {
            backoff.NoteFailure($"cn=n{i}", At($"198.51.{i / 250}.{i % 250}"));
            Assert.InRange(backoff.Remembered, 1, 100);
        }

        Assert.NotEqual(TimeSpan.Zero, backoff.Wait("cn=hub", guesser));
    }

    private static IPEndPoint At(string address) => new(IPAddress.Parse(address), 40000);
}
