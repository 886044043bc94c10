using System.Diagnostics;
using Postern.Ldap;
using Postern.Testing;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

public sealed class FaultTests
{
    private const int ManyEntries = 20_000;

    [Fact]
    public async Task File_at_its_limit_refuses_writes_with_the_reason_and_takes_them_again_after_deletes()
    {
        await using TestDirectory directory = await CreateAsync(o => o with { MaxFileKiB = 512 });
        List<string> written = await FillAsync(directory.System, LdapResultCode.UnwillingToPerform, "disk is full");
        Assert.Empty(await directory.Engine.CheckAsync());
        Assert.Equal(written.Count, (await directory.SearchAsync("(objectClass=posternRecipient)")).Count);
        BatchResult deleted = await directory.System.BatchAsync([.. written.Take(written.Count / 2).Select(dn => new DelRequest(dn))]);
        deleted.Result.ThrowIfFailed("delete");
        await Ok(directory.System.AddAsync(Recipient("again")));
    }

    [Fact]
    public async Task Commit_that_fails_fails_all_of_its_callers_and_no_others()
    {
        await using TestDirectory directory = await CreateAsync(o => o with { MaxFileKiB = 512 });
        Task<LdapResult>[] adds = [.. Enumerable.Range(0, ManyEntries).Select(i => directory.System.AddAsync(Recipient($"r{i}")))];
        LdapResult[] results = await Task.WhenAll(adds);
        Assert.Contains(results, r => r.Code == LdapResultCode.UnwillingToPerform);
        HashSet<string> present = [.. (await directory.SearchAsync("(objectClass=posternRecipient)", attributes: "cn")).Select(e => e.FirstString("cn")!)];
        for (int i = 0; i < results.Length; i++)
        {
            Assert.Equal(results[i].IsSuccess, present.Contains($"r{i}"));
        }
    }

    [SkippableFact]
    public async Task Full_disk_refuses_writes_and_takes_them_again_when_there_is_room()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.UserName == "root", "needs root to mount a small file system");
        using TempFolder folder = new();
        string disk = folder.CreateFolder("disk");
        Skip.IfNot(Run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk), "cannot mount a tmpfs here");
        try
        {
            // A checkpoint would need as much room again as the log has: the point is what happens when nothing is left.
            await using (TestDirectory directory = await CreateAsync(folder: System.IO.Directory.CreateDirectory(System.IO.Path.Combine(disk, "data")).FullName))
            {
                string filler = System.IO.Path.Combine(disk, "filler");
                File.WriteAllBytes(filler, new byte[1024 * 1024]);
                List<string> written = await FillAsync(directory.System, LdapResultCode.UnwillingToPerform, "disk is full");
                Assert.Equal(written.Count, (await directory.SearchAsync("(objectClass=posternRecipient)")).Count);
                File.Delete(filler);
                await Ok(directory.System.AddAsync(Recipient("again")));
                Assert.Single(await directory.SearchAsync("(cn=again)"));
            }
        }
        finally
        {
            Run("umount", disk);
        }
    }

    private static async Task<List<string>> FillAsync(IDirectory directory, LdapResultCode expected, string reason)
    {
        List<string> written = [];
        for (int i = 0; i < ManyEntries; i += 50)
        {
            AddRequest[] batch = [.. Enumerable.Range(i, 50).Select(n => Recipient($"r{n}"))];
            BatchResult result = await directory.BatchAsync(batch);
            if (!result.Result.IsSuccess)
            {
                Assert.Equal(expected, result.Result.Code);
                Assert.Contains(reason, result.Result.DiagnosticMessage, StringComparison.Ordinal);
                return written;
            }

            written.AddRange(batch.Select(a => a.Dn));
        }

        throw new InvalidOperationException("the disk never got full");
    }

    private static bool Run(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
