using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postern.Testing;

namespace Postern.Ldap.Server.Tests;

/// <summary>A server on loopback, LDAP and LDAPS, in front of fakes.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    private readonly Certs _authority = Certs.Create();

    private readonly ServerSetup _setup;

    private ServerUnderTest(ServerSetup setup)
    {
        _setup = setup;
        Directory = setup.Directory;
        Anonymous = setup.Anonymous ?? setup.Directory;
        Authenticator = new FakeAuthenticator(Anonymous, Directory);
        Certificate = _authority.IssueServer();
    }

    /// <summary>What a bound session sees.</summary>
    public FakeDirectory Directory { get; }

    public FakeDirectory Anonymous { get; }

    public FakeAuthenticator Authenticator { get; }

    public X509Certificate2 Certificate { get; set; }

    public Certs Authority => _authority;

    public RecordedLog Log { get; } = new();

    public LdapServer Server { get; private set; } = null!;

    public IPEndPoint Ldap => Server.EndPoints[0];

    public IPEndPoint Ldaps => Server.EndPoints[1];

    public static Task<ServerUnderTest> StartAsync(LdapServerOptions? options = null, FakeDirectory? directory = null, TimeProvider? time = null) =>
        StartAsync(new ServerSetup(directory ?? new FakeDirectory()) { Options = options ?? new LdapServerOptions(), Time = time ?? TimeProvider.System });

    public static async Task<ServerUnderTest> StartAsync(ServerSetup setup)
    {
        ServerUnderTest test = new(setup);
        LdapListener[] listeners = setup.WithTls
            ? [new(new IPEndPoint(IPAddress.Loopback, 0), false), new(new IPEndPoint(IPAddress.Loopback, 0), true)]
            : [new(new IPEndPoint(IPAddress.Loopback, 0), false)];
        test.Server = await LdapServer.StartAsync(
            setup.Options, listeners, setup.WithTls ? () => test.Certificate : null, test.Authenticator, test.Log, setup.Time);
        return test;
    }

    public Task<TestClient> ConnectAsync() => TestClient.ConnectAsync(Ldap);

    public async Task<TestClient> ConnectBoundAsync()
    {
        TestClient client = await ConnectAsync();
        LdapMessage answer = await client.AskAsync(BindRequest.Simple(FakeAuthenticator.Admin, "secret"));
        Assert.Equal(LdapResultCode.Success, ((BindResponse)answer.Operation).Result.Code);
        return client;
    }

    public async Task<TestClient> ConnectTlsAsync()
    {
        TestClient client = await TestClient.ConnectAsync(Ldaps);
        await client.HandshakeAsync();
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.StopAsync(new CancellationToken(canceled: true));
        await Server.DisposeAsync();
        _authority.Dispose();
        if (!_setup.ExpectErrors && Log.Lines.FirstOrDefault(l => l.Level >= LogLevel.Error) is { Text: not null } error)
        {
            throw new InvalidOperationException($"the server logged an error: {error.Text}", error.Exception);
        }
    }
}

internal sealed record ServerSetup(FakeDirectory Directory)
{
    public FakeDirectory? Anonymous { get; init; }

    public LdapServerOptions Options { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public bool WithTls { get; init; } = true;

    /// <summary>Without it an error in the log fails the test.</summary>
    public bool ExpectErrors { get; init; }
}

/// <summary>Keeps what was logged.</summary>
internal sealed class RecordedLog : ILoggerFactory, ILogger
{
    public ConcurrentQueue<(LogLevel Level, EventId Event, string Text, Exception? Exception)> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Lines.Enqueue((logLevel, eventId, formatter(state, exception), exception));
        }
    }

    public void Dispose()
    {
    }
}
