using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Ldap;

/// <summary>Transactions as OpenLDAP's ldapmodify makes them.</summary>
[Trait("RFC", "5805")]
public sealed class TransactionTests
{
    [SkippableFact]
    public async Task Ldapmodify_commits_all_or_nothing()
    {
        Peers.Require("ldap-utils");
        Skip.IfNot(OperatingSystem.IsLinux());
        using TempFolder folder = new(shared: true);
        await using DaemonProcess edge = await DaemonProcess.StartEdgeAsync(folder["edge"]);
        string url = "ldapi://" + Uri.EscapeDataString(edge.Ready.GetProperty("data").GetString() + "/private/ldapi");

        (await ModifyAsync(url, "commit", "one", "two")).MustSucceed();
        CommandResult refused = await ModifyAsync(url, "commit", "three", "one");
        CommandResult aborted = await ModifyAsync(url, "abort", "four");
        CommandResult found = await RunAsync("ldapsearch", "", "-H", url, "-LLL", "-s", "one", "-b", "ou=recipients,o=edge", "1.1");

        Assert.Equal(68, refused.ExitCode); // entryAlreadyExists, told by the end of the transaction
        Assert.Equal(0, aborted.ExitCode);
        Assert.Equal(
            ["dn: cn=one,ou=recipients,o=edge", "dn: cn=two,ou=recipients,o=edge"],
            found.MustSucceed().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    private static Task<CommandResult> ModifyAsync(string url, string end, params string[] names) => RunAsync(
        "ldapmodify",
        string.Join('\n', names.Select(n => $"dn: cn={n},ou=recipients,o=edge\nchangetype: add\nobjectClass: posternRecipient\ncn: {n}\n")),
        "-H", url, "-E", $"txn={end}");

    private static Task<CommandResult> RunAsync(string tool, string input, params string[] arguments) =>
        ChildProcess.RunAsync(Peers.Find(tool)!, ["-Y", "EXTERNAL", "-Q", .. arguments], input);
}
