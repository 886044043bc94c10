using Postern.Directory.Searching;
using Postern.Directory.Storage;
using Postern.Testing;

namespace Postern.Directory.Tests;

public sealed class ReaderPoolTests
{
    [Fact]
    public void Connections_that_were_opened_while_others_were_out_of_place_are_closed_again()
    {
        using TempFolder folder = new();
        DirectoryOptions options = TestDirectory.Options(folder.Path) with { ReadConnections = 2 };
        using StoreFile file = StoreFile.Open(options);
        using ReaderPool pool = new(file, options, new TreePlaces(), new RowCache(0), [], () => 0);
        RentAndReturn(pool, 2);
        Assert.Equal(2, pool.Open);

        // What a checkpoint does, with a search in the middle of it.
        pool.DropIdleSnapshots(() => RentAndReturn(pool, 2));
        RentAndReturn(pool, 2);
        Assert.Equal(2, pool.Open);
    }

    private static void RentAndReturn(ReaderPool pool, int count)
    {
        List<ReadSession> rented = [];
        for (int i = 0; i < count; i++)
        {
            Assert.True(pool.TryRent(DirectoryRole.Lookup, out ReadSession? session));
            rented.Add(session);
        }

        rented.ForEach(s => pool.Return(s, healthy: true));
    }
}
