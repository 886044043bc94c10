using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.ContentSync;

namespace Postern.EdgeSync.Tests.Sources;

/// <summary>What two sets of containers have to say of each other.</summary>
public sealed class ContainerSetTests
{
    [Fact]
    public void Order_does_not_matter_and_an_unknown_set_is_no_other_one()
    {
        Assert.Equal(Of("a", "b").Digest, Of("b", "a").Digest);
        Assert.True(Of("a").IsOther(Of("b").Digest));
        Assert.False(Of("a").IsOther(null));
        Assert.False(ContainerSet.Unknown.IsOther(Of("a").Digest));
        Assert.True(Of().IsOther(Of("a").Digest));
    }

    [Fact]
    public void Only_a_single_container_that_came_is_named()
    {
        string before = Of("a", "b").Digest!;
        Assert.Equal("ou=c", Of("c", "b", "a").OnlyNewSince(before));
        Assert.Null(Of("a", "b", "c", "d").OnlyNewSince(before));
        Assert.Null(Of("a", "c").OnlyNewSince(before));
        Assert.Null(Of("a").OnlyNewSince(before));
        Assert.Null(Of("a", "b").OnlyNewSince(before));
        Assert.Null(Of("a", "b", "c").OnlyNewSince("no digest"));
    }

    private static ContainerSet Of(params string[] names) => ContainerSet.Of([.. names.Select(name => (EntryId.FromName("test", name), $"ou={name}"))]);
}
