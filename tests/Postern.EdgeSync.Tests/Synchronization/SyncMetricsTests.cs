using System.Diagnostics.Metrics;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Synchronization;

/// <summary>What a listener to the meter sees of real cycles.</summary>
public sealed class SyncMetricsTests
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 60).Select(i => $"user{i}")];

    [Fact]
    public async Task Meter_tells_cycles_held_deletes_age_and_lease()
    {
        ManualTimeProvider time = new();
        await using TestEdge edge = await TestEdge.StartAsync(time);
        await using TestHub hub = await TestHub.StartAsync(time);
        string name = (await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address)).Name;
        HubSynchronizer synchronizer = hub.Synchronizer(hub.Ldif(Names));
        await using (synchronizer)
        {
            using Readings readings = new(synchronizer.Metrics.Meter);
            await RunAsync(SyncOutcome.Success);
            hub.Ldif(Names[..5]);
            await RunAsync(SyncOutcome.HeldByGuard);
            Assert.Equal(1, readings.Sum(SyncMetrics.Cycles, name, "recipients", "success"));
            Assert.Equal(1, readings.Sum(SyncMetrics.Cycles, name, "recipients", "heldByGuard"));
            Assert.Equal(60, readings.Sum(SyncMetrics.Changes, name, "recipients", "add"));
            Assert.Equal(55, readings.Observed(SyncMetrics.HeldDeletes, name, "recipients"));
            Assert.Equal(1, readings.Observed(SyncMetrics.LeaseHeld, name));
            Assert.Equal(0, readings.Observed(SyncMetrics.LeftOut, name, "recipients"));

            // A source that is away: the age grows, and what is held stays.
            File.Delete(hub.Folder["source.ldif"]);
            time.Advance(TimeSpan.FromSeconds(10));
            await RunAsync(SyncOutcome.SourceFailed);
            Assert.Equal(10, readings.Observed(SyncMetrics.Age, name, "recipients"));
            Assert.Equal(55, readings.Observed(SyncMetrics.HeldDeletes, name, "recipients"));
            hub.Ldif(Names);
            await RunAsync(SyncOutcome.Success);
            Assert.Equal(0, readings.Observed(SyncMetrics.Age, name, "recipients"));
            Assert.Equal(0, readings.Observed(SyncMetrics.HeldDeletes, name, "recipients"));

            // What would be done is not done.
            await synchronizer.StartAsync(new SyncStart { Type = SyncType.Recipients, DryRun = true, Full = true });
            Assert.Equal(4, readings.Sum(SyncMetrics.Cycles, name, "recipients", null));
        }

        async Task RunAsync(SyncOutcome outcome) =>
            Assert.Equal(outcome, Assert.Single(await synchronizer.StartAsync(new SyncStart { Type = SyncType.Recipients })).Result);
    }

    /// <summary>All measurements of one meter.</summary>
    private sealed class Readings : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<(string Instrument, string[] Tags, double Value)> _all = [];

        public Readings(Meter meter)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meter)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.Start();
        }

        public double Sum(string instrument, string edge, string type, string? third)
        {
            lock (_all)
            {
                return _all.Where(one => one.Instrument == instrument && one.Tags[0] == edge && one.Tags[1] == type && (third is null || one.Tags[2] == third)).Sum(one => one.Value);
            }
        }

        public double Observed(string instrument, params string[] tags)
        {
            lock (_all)
            {
                _all.RemoveAll(one => one.Instrument == instrument);
                _listener.RecordObservableInstruments();
                return Assert.Single(_all, one => one.Instrument == instrument && one.Tags.SequenceEqual(tags)).Value;
            }
        }

        public void Dispose() => _listener.Dispose();

        private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string[] values = new string[tags.Length];
            for (int i = 0; i < tags.Length; i++)
            {
                values[i] = (string)tags[i].Value!;
            }

            lock (_all)
            {
                _all.Add((instrument.Name, values, value));
            }
        }
    }
}
