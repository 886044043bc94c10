using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.EdgeSync.Rotation;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Rotation;

public sealed class CertificateAlarmsTests : ILogger
{
    private readonly ManualTimeProvider _time = new();
    private readonly List<int> _events = [];

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _events.Add(eventId.Id);

    [Fact]
    public void End_of_a_certificate_is_reported_before_and_after_once_a_day()
    {
        CertificateAlarms alarms = new(new CertificateTimetable(), _time, this);
        using X509Certificate2 certificate = SelfSignedCertificate.Create(new SelfSignedRequest("edge1", ["edge1"], KeyAlgorithm.EcdsaP256, TimeSpan.FromDays(60)), _time);
        Look();
        _time.Advance(TimeSpan.FromDays(30));
        Look();
        Assert.Empty(_events);
        _time.Advance(TimeSpan.FromSeconds(1));
        Look();
        Look();
        Assert.Equal([12017], _events);
        _time.Advance(TimeSpan.FromDays(1));
        Look();
        Assert.Equal([12017, 12017], _events);
        _events.Clear();
        _time.Advance(TimeSpan.FromDays(30));
        Look();
        Look();
        Assert.Equal([12015, 12019], _events);

        void Look()
        {
            alarms.LookAtOwn("edge-cert", certificate);
            alarms.LookAtPeer("edge1", [new byte[] { 1 }, certificate.RawData]);
        }
    }
}
