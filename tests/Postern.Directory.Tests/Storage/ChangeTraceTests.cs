using Postern.Directory.Storage;
using Postern.Ldap;
using Postern.Testing;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

public sealed class ChangeTraceTests
{
    private const int Remembered = 20;

    [Fact]
    public async Task Deletes_are_remembered_up_to_the_limit_and_the_file_says_from_where_on()
    {
        using TempFolder folder = new();
        await DeleteAsync(folder.Path, Remembered);
        Assert.Equal((Remembered, true), Read(folder.Path));
        await DeleteAsync(folder.Path, 1);
        Assert.Equal((Remembered, false), Read(folder.Path));
    }

    [Fact]
    public async Task Deletes_that_were_refused_with_their_batch_are_not_remembered()
    {
        using TempFolder folder = new();
        await using (DirectoryEngine engine = Open(folder.Path))
        {
            IDirectory directory = engine.As(Principal.System);
            await AddStructureAsync(directory);
            await Ok(directory.AddAsync(Recipient("x")));
            Assert.False((await directory.BatchAsync([new DelRequest($"cn=x,{Recipients}"), new DelRequest($"cn=none,{Recipients}")])).Result.IsSuccess);
        }

        Assert.Equal((0, true), Read(folder.Path));
    }

    [Fact]
    public async Task Directory_keeps_its_instance_and_gets_another_when_it_is_renewed()
    {
        using TempFolder folder = new();
        await DeleteAsync(folder.Path, 0);
        byte[] first = Instance(folder.Path);
        await DeleteAsync(folder.Path, 1);
        Assert.Equal(first, Instance(folder.Path));
        using (Database database = Database.Open(FileIn(folder.Path), readOnly: false))
        {
            StoreInstance.Renew(database);
        }

        Assert.NotEqual(first, Instance(folder.Path));
        Assert.Equal(StoreLayout.InstanceBytes, Instance(folder.Path).Length);
    }

    private static async Task DeleteAsync(string folder, int entries)
    {
        await using DirectoryEngine engine = Open(folder);
        IDirectory directory = engine.As(Principal.System);
        if (!(await directory.CompareAsync(new CompareRequest(Recipients, "ou", "recipients"u8.ToArray()))).Code.Equals(LdapResultCode.CompareTrue))
        {
            await AddStructureAsync(directory);
        }

        await directory.BatchAsync([.. Enumerable.Range(0, entries).Select(i => Recipient($"r{i}"))]);
        await directory.BatchAsync([.. Enumerable.Range(0, entries).Select(i => new DelRequest($"cn=r{i},{Recipients}"))]);
        Assert.Empty(await engine.CheckAsync());
    }

    private static (int Rows, bool Complete) Read(string folder)
    {
        using Database database = Database.Open(FileIn(folder), readOnly: false);
        return ((int)database.QueryInteger("SELECT count(*) FROM gone"), database.QueryInteger("SELECT gone_from FROM state") == 0);
    }

    private static byte[] Instance(string folder)
    {
        using Database database = Database.Open(FileIn(folder), readOnly: false);
        return StoreInstance.Read(database);
    }

    private static DirectoryEngine Open(string folder) => DirectoryEngine.Open(
        Options(folder) with { MaxRememberedDeletes = Remembered }, PosternSchema.Edge, new OpenPolicy(), TimeProvider.System);
}
