using Postern.Hosting;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Hosting;

public sealed class LogFloodGateTests
{
    [Fact]
    public void Flood_of_one_event_is_counted_and_told_and_holds_up_no_other()
    {
        ManualTimeProvider time = new();
        LogFloodGate gate = new(time);
        for (int i = 0; i < LogFloodGate.MaxLines; i++)
        {
            Assert.True(gate.TryPass(1, out int none));
            Assert.Equal(0, none);
        }

        Assert.False(gate.TryPass(1, out _));
        Assert.False(gate.TryPass(1, out _));
        Assert.True(gate.TryPass(2, out _));
        time.Advance(LogFloodGate.While);
        Assert.True(gate.TryPass(1, out int suppressed));
        Assert.Equal(2, suppressed);
        Assert.True(gate.TryPass(1, out suppressed));
        Assert.Equal(0, suppressed);
    }
}
