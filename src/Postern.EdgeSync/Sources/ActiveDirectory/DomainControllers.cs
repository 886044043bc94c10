using Microsoft.Extensions.Logging;
using Postern.EdgeSync.NameService;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources.Connecting;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>The domain controllers of a source, in the order of the settings or of DNS. The one that answered is kept until it fails:
/// another one has other numbers and cookies, so that every change of it costs a whole comparison.</summary>
internal sealed class DomainControllers(SourceSettings settings, TimeProvider time, ILogger log) : IAsyncDisposable
{
    /// <summary>_ldap._tcp.DOMAIN: every domain controller registers itself under it, MS-ADTS section 6.3.2.3.</summary>
    private const string ServicePrefix = "_ldap._tcp.";

    private readonly SourceConnection _connection = new(settings, time, log);
    private readonly Lock _gate = new();
    private LdapEndpoint? _current;
    private DomainSession? _idle;
    private long _failingSince;
    private bool _failing;

    /// <summary>Asks for SRV records. For tests; the machine's name servers otherwise.</summary>
    public DnsClient? NameServers { get; init; }

    /// <summary>A session with the domain controller in use, or with the next one that answers.</summary>
    /// <exception cref="SourceException">None answers; a refused bind is final, since asking others would lock the account the faster.</exception>
    public async Task<DomainSession> OpenAsync(CancellationToken cancellationToken)
    {
        if (await ReuseAsync(cancellationToken) is { } session)
        {
            return session;
        }

        LdapEndpoint? current;
        lock (_gate)
        {
            current = _current;
        }

        List<SourceException> failures = [];
        if (current is not null)
        {
            try
            {
                return await OpenAsync(current, cancellationToken);
            }
            catch (SourceException e) when (IsOfThisServer(e))
            {
                failures.Add(e);
                if (!MayLeave())
                {
                    throw;
                }
            }
        }

        foreach (LdapEndpoint endpoint in await FindAsync(cancellationToken))
        {
            if (endpoint == current)
            {
                continue;
            }

            try
            {
                return await OpenAsync(endpoint, cancellationToken);
            }
            catch (SourceException e) when (IsOfThisServer(e))
            {
                failures.Add(e);
            }
        }

        throw failures switch
        {
            [] => new SourceException(settings.Name, $"no domain controller of {settings.Domain ?? settings.Url ?? "the source"} is known", "Check domain and the SRV records of it."),
            [var only] => only,
            _ => new SourceException(
                settings.Name,
                $"none of {failures.Count} domain controllers can be read: {string.Join("; ", failures.Select(f => f.Message))}",
                failures[0].Hint,
                failures[0]),
        };
    }

    /// <summary>Takes back a session that is done with: the next reading then needs no handshake and no bind, which take longer than a small change.</summary>
    public async ValueTask ReleaseAsync(DomainSession session)
    {
        DomainSession? surplus = session;
        lock (_gate)
        {
            if (session.Connection.Failure is null && session.Endpoint == _current)
            {
                (surplus, _idle) = (_idle, session);
            }
        }

        if (surplus is not null)
        {
            await surplus.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (TakeIdle() is { } idle)
        {
            await idle.DisposeAsync();
        }
    }

    /// <summary>A session broke, or its server says that it cannot go on: the next one is opened wherever one answers.</summary>
    public void NoteFailure(DomainSession session, Exception failure)
    {
        if (failure is not LdapConnectionException && failure is not LdapException { Code: LdapResultCode.Busy or LdapResultCode.Unavailable })
        {
            return;
        }

        lock (_gate)
        {
            if (_current == session.Endpoint && !_failing)
            {
                _failing = true;
                _failingSince = time.GetTimestamp();
            }
        }
    }

    private DomainSession? TakeIdle()
    {
        lock (_gate)
        {
            DomainSession? idle = _idle;
            _idle = null;
            return idle;
        }
    }

    /// <returns>Null: there is none, or it has died of its idleness.</returns>
    private async Task<DomainSession?> ReuseAsync(CancellationToken cancellationToken)
    {
        if (TakeIdle() is not { } idle)
        {
            return null;
        }

        try
        {
            DomainSession session = await idle.RefreshAsync(cancellationToken);
            NoteAnswer(session.Endpoint);
            return session;
        }
        catch (Exception e)
        {
            await idle.DisposeAsync();
            if (e is SourceException || SourceFailures.IsOfDirectory(e))
            {
                return null; // what is wrong shows again on a new connection
            }

            throw;
        }
    }

    private async Task<DomainSession> OpenAsync(LdapEndpoint endpoint, CancellationToken cancellationToken)
    {
        LdapConnection connection = await _connection.OpenAsync(endpoint, cancellationToken);
        try
        {
            DomainControllerFacts facts = await DomainControllerFacts.ReadAsync(connection, settings, endpoint.ToString(), cancellationToken);
            NoteAnswer(endpoint);
            return new DomainSession(connection, endpoint, facts, settings);
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (SourceFailures.IsOfDirectory(e))
            {
                throw SourceFailures.Explain(settings, e, $"{endpoint}, reading the rootDSE");
            }

            throw;
        }
    }

    private void NoteAnswer(LdapEndpoint endpoint)
    {
        LdapEndpoint? before;
        lock (_gate)
        {
            before = _current;
            _current = endpoint;
            _failing = false;
        }

        if (before is not null && before != endpoint)
        {
            ActiveDirectoryLog.OtherController(log, settings.Name, endpoint.ToString(), before.ToString());
        }
    }

    /// <summary>Whether the domain controller in use has failed for as long as the settings want it to be waited for.</summary>
    private bool MayLeave()
    {
        lock (_gate)
        {
            if (!_failing)
            {
                _failing = true;
                _failingSince = time.GetTimestamp();
            }

            return time.GetElapsedTime(_failingSince) >= settings.FailoverDelay;
        }
    }

    private static bool IsOfThisServer(SourceException failure) =>
        failure.InnerException is LdapConnectionException or LdapException { Code: LdapResultCode.Busy or LdapResultCode.Unavailable };

    private async Task<IReadOnlyList<LdapEndpoint>> FindAsync(CancellationToken cancellationToken)
    {
        if (settings.Domain is not { } domain)
        {
            return [.. settings.Urls.Select(LdapEndpoint.Parse)];
        }

        try
        {
            DnsClient names = NameServers ?? DnsClient.OfMachine(time);
            IReadOnlyList<SrvRecord> records = await names.FindAsync(ServicePrefix + domain, cancellationToken);

            // The records tell the port for clear text; passwords need TLS, which has a port of its own unless StartTLS is asked for.
            return [.. SrvRecord.InOrder(records, Random.Shared).Select(record => settings.StartTls
                ? new LdapEndpoint(record.Target, record.Port, Ldaps: false)
                : new LdapEndpoint(record.Target, LdapEndpoint.DefaultLdapsPort, Ldaps: true))];
        }
        catch (DnsException e)
        {
            throw new SourceException(settings.Name, e.Message, "Check /etc/resolv.conf and that the name servers of the domain can be reached.", e);
        }
    }
}
