using Postern.Ldap;
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

    /// <summary>Adds recipients, 50 a batch, until the directory refuses one.</summary>
    /// <returns>The names of those that it took.</returns>
    internal static async Task<List<string>> FillAsync(IDirectory directory, LdapResultCode expected, string reason, string prefix = "r")
    {
        List<string> written = [];
        for (int i = 0; i < ManyEntries; i += 50)
        {
            AddRequest[] batch = [.. Enumerable.Range(i, 50).Select(n => Recipient($"{prefix}{n}"))];
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
}
