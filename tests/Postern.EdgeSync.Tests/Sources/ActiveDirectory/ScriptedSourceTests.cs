using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.ActiveDirectory;
using Postern.Ldap;
using Postern.Testing;
using static Postern.EdgeSync.Tests.Sources.ActiveDirectory.ScriptedController;

namespace Postern.EdgeSync.Tests.Sources.ActiveDirectory;

/// <summary>What domain controllers do and Samba does not: cut off, cut up, and refuse.</summary>
public sealed class ScriptedSourceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly EntryId Many = EntryId.FromBytes(IdOf("many"));

    [Fact]
    public async Task Values_beyond_the_first_range_are_fetched_and_the_empty_attribute_beside_it_ignored()
    {
        await using ScriptedController controller = new() { Search = Ranged };
        await using ActiveDirectorySource source = SourceOf(controller);

        ReadResult whole = await ReadResult.OfAsync(source, null);

        LdapAttribute addresses = Assert.Single(whole.Entries[Many]!.Attributes, a => a.Description.StartsWith("proxyAddresses", StringComparison.Ordinal));
        Assert.Equal("proxyAddresses", addresses.Description);
        Assert.Equal(["a", "b", "c", "d", "e"], addresses.Strings);

        static IEnumerable<LdapMessage> Ranged(LdapMessage message, SearchRequest search) => search.Attributes switch
        {
            _ when message.Controls.Any(control => control.Oid == LdapOids.DirSync) => [Done(message)],
            ["proxyAddresses;range=2-*"] => [Entry(message, "many", new LdapAttribute("proxyAddresses;range=2-3", "c", "d")), Done(message)],
            ["proxyAddresses;range=4-*"] => [Entry(message, "many", new LdapAttribute("proxyAddresses;range=4-*", "e")), Done(message)],
            _ => [Entry(message, "many", new LdapAttribute("proxyAddresses"), new LdapAttribute("proxyAddresses;range=0-1", "a", "b")), Done(message)],
        };
    }

    [Fact]
    public async Task Range_that_does_not_follow_is_a_failure_and_no_shorter_list()
    {
        await using ScriptedController controller = new()
        {
            Search = (message, search) => message.Controls.Any(control => control.Oid == LdapOids.DirSync) ? [Done(message)]
                : search.Scope == SearchScope.BaseObject ? [Entry(message, "many", new LdapAttribute("proxyAddresses;range=7-*", "x")), Done(message)]
                : [Entry(message, "many", new LdapAttribute("proxyAddresses;range=0-1", "a", "b")), Done(message)],
        };
        await using ActiveDirectorySource source = SourceOf(controller);

        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => ReadResult.OfAsync(source, null));

        Assert.Contains("range=7-*", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LdapResultCode.SizeLimitExceeded, "sizeLimitExceeded")]
    [InlineData(LdapResultCode.Referral, "referral")]
    [InlineData(LdapResultCode.Success, "cut short")]
    public async Task Search_that_may_be_cut_short_is_a_failure_and_has_no_cookie(LdapResultCode code, string words)
    {
        await using ScriptedController controller = new()
        {
            Search = (message, _) => message.Controls.Any(control => control.Oid == LdapOids.DirSync)
                ? [Done(message)]
                : [Entry(message, "a"), code == LdapResultCode.Success ? DoneWithoutControls(message) : Done(message, code)],
        };
        await using ActiveDirectorySource source = SourceOf(controller);
        await using ISourceReading reading = await source.OpenAsync(null, CancellationToken.None);

        SourceException failure = await Assert.ThrowsAsync<SourceException>(async () => await reading.ReadAsync(CancellationToken.None).CountAsync());

        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.Null(reading.NextCookie);
    }

    [Fact]
    public async Task References_to_other_domains_are_no_fault()
    {
        await using ScriptedController controller = new()
        {
            Search = (message, _) => [new LdapMessage(message.MessageId, new SearchResultReference(["ldap://other.example/DC=other"])), Entry(message, "a"), Done(message)],
        };
        await using ActiveDirectorySource source = SourceOf(controller);

        Assert.Single((await ReadResult.OfAsync(source, null)).Entries);
    }

    [Fact]
    public async Task Where_notification_is_refused_the_number_is_looked_at_every_second()
    {
        ManualTimeProvider time = new();
        await using ScriptedController controller = new()
        {
            Controls = [LdapOids.DirSync, LdapOids.ChangeNotification],
            Search = (message, _) => message.Controls.Any(control => control.Oid == LdapOids.ChangeNotification)
                ? [Done(message, LdapResultCode.UnwillingToPerform)]
                : [Done(message)],
        };
        await using ActiveDirectorySource source = new(controller.Settings, time, NullLoggerFactory.Instance);
        ReadResult whole = await ReadResult.OfAsync(source, null);
        await source.WaitForBellAsync(CancellationToken.None).WaitAsync(Patience);
        await ReadResult.OfAsync(source, whole.Next);
        Task ring = source.WaitForBellAsync(CancellationToken.None);

        controller.Usn++;
        await AdvanceAsync(time, () => ring.IsCompleted);
        await ring;
    }

    [Fact]
    public async Task Bell_is_silent_while_the_account_may_use_no_feed()
    {
        bool mayReplicate = false;
        ManualTimeProvider time = new();
        await using ScriptedController controller = new()
        {
            Search = (message, _) => message.Controls.Any(control => control.Oid == LdapOids.DirSync) && !mayReplicate
                ? [Done(message, LdapResultCode.InsufficientAccessRights)]
                : [Done(message)],
        };
        await using ActiveDirectorySource source = new(controller.Settings, time, NullLoggerFactory.Instance);
        await source.WaitForBellAsync(CancellationToken.None).WaitAsync(Patience);
        ReadResult whole = await ReadResult.OfAsync(source, null);
        Assert.Null(whole.Next);
        Task ring = source.WaitForBellAsync(CancellationToken.None);
        for (int i = 0; i < 3; i++)
        {
            int asked = controller.UsnAsked;
            controller.Usn++;
            await AdvanceAsync(time, () => controller.UsnAsked > asked + 1);
        }

        Assert.False(ring.IsCompleted);

        // With the right there is a feed, from the next reading on.
        mayReplicate = true;
        Assert.NotNull((await ReadResult.OfAsync(source, null)).Next);
        controller.Usn++;
        await AdvanceAsync(time, () => ring.IsCompleted);
    }

    /// <summary>Moves time only while the bell waits for its second: time that ran on during an answer would be the time-out of the request.</summary>
    private static async Task AdvanceAsync(ManualTimeProvider time, Func<bool> until)
    {
        using CancellationTokenSource patience = new(Patience);
        while (!until())
        {
            patience.Token.ThrowIfCancellationRequested();
            if (time.UntilNextTimer is { } wait && wait <= TimeSpan.FromSeconds(1))
            {
                time.Advance(wait);
            }

            await Task.Yield();
        }
    }

    private static ActiveDirectorySource SourceOf(ScriptedController controller) => new(controller.Settings, TimeProvider.System, NullLoggerFactory.Instance);
}
