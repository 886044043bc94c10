using Postern.EdgeSync.Projection;

namespace Postern.EdgeSync.Tests.Projection;

public sealed class ClaimSetTests
{
    [Fact]
    public void Value_is_claimed_once()
    {
        ClaimSet claims = new();
        Random random = new(1);
        HashSet<UInt128> expected = [];
        for (int i = 0; i < 20_000; i++)
        {
            // Few different values, so that repetitions are frequent; zero among them.
            UInt128 value = new((ulong)random.Next(100), (ulong)random.Next(100));
            Assert.Equal(expected.Add(value), claims.Add(value));
        }
    }
}
