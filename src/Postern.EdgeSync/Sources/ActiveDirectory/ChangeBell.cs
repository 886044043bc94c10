using System.Globalization;
using Microsoft.Extensions.Logging;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>Rings when something has changed in the domain: by change notification on a connection of its own, or by looking at
/// highestCommittedUSN every second where that is refused. Starts with the first who waits, and connects again by itself.</summary>
internal sealed class ChangeBell(string sourceName, DomainControllers controllers, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private const string UsnChanged = "uSNChanged";

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostDelay = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource _ring = NewRing();
    private CancellationTokenSource? _listening;
    private LdapEndpoint? _at;
    private Task? _running;
    private bool _rung;

    /// <summary>Rings from now on are news.</summary>
    public void NoteReading()
    {
        lock (_gate)
        {
            if (_rung)
            {
                _rung = false;
                _ring = NewRing();
            }
        }
    }

    /// <summary>Readings go to this domain controller: to listen at another one would ring before the change has come here.</summary>
    public void Follow(LdapEndpoint endpoint)
    {
        lock (_gate)
        {
            if (_at is not null && _at != endpoint)
            {
                _at = null;
                _listening?.Cancel();
            }
        }
    }

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        Task ring;
        lock (_gate)
        {
            _running ??= Task.Run(RunAsync, CancellationToken.None);
            ring = _ring.Task;
        }

        await ring.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_running is { } running)
        {
            await running;
        }

        _stop.Dispose();
    }

    private void Ring()
    {
        lock (_gate)
        {
            _rung = true;
            _ring.TrySetResult();
        }
    }

    private async Task RunAsync()
    {
        TimeSpan delay = FirstDelay;
        while (!_stop.IsCancellationRequested)
        {
            using CancellationTokenSource listening = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            try
            {
                await using DomainSession session = await controllers.OpenAsync(listening.Token);
                lock (_gate)
                {
                    _listening = listening;
                    _at = session.Endpoint;
                }

                await ListenAsync(session, () => delay = FirstDelay, listening.Token);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever it was: a bell that stays silent would be noticed by nobody.
                // Half of it by chance, so that many hubs do not come back in step.
                TimeSpan wait = (delay / 2) + (delay / 2 * Random.Shared.NextDouble());
                ActiveDirectoryLog.BellLost(log, sourceName, wait, e.Message);
                delay = delay * 2 < MostDelay ? delay * 2 : MostDelay;
                await Task.Delay(wait, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // To the domain controller that is read from now on, or to the end.
            }
            finally
            {
                lock (_gate)
                {
                    _listening = null;
                }
            }
        }
    }

    private async Task ListenAsync(DomainSession session, Action ready, CancellationToken cancellationToken)
    {
        string refused = "it is not offered";
        if (session.Facts.Controls.Contains(LdapOids.ChangeNotification))
        {
            SearchRequest request = new(session.Facts.NamingContext.ToString(), SearchScope.WholeSubtree, Filter.Anything, [UsnChanged]);
            await using IAsyncEnumerator<LdapMessage> messages = session.Connection.SearchAsync(
                request, [ActiveDirectoryControls.ChangeNotification, ActiveDirectoryControls.ShowDeleted], SearchSilence.Allowed, cancellationToken).GetAsyncEnumerator(cancellationToken);
            Task<bool> next = messages.MoveNextAsync().AsTask();

            // Nothing confirms a registration: what follows it on the same connection has been answered after it.
            await DomainControllerFacts.ReadUsnAsync(session.Connection, cancellationToken);
            if (!next.IsCompleted)
            {
                ready();
                ActiveDirectoryLog.BellReady(log, sourceName, session.Endpoint.ToString());
                Ring(); // of what happened before we listened
            }

            if (await HearAsync(messages, next) is not { } result)
            {
                return;
            }

            refused = result.DiagnosticMessage.Length > 0 ? result.DiagnosticMessage : result.Code.ToString();
        }

        ActiveDirectoryLog.BellPolls(log, sourceName, session.Endpoint.ToString(), refused);
        ready();
        await PollAsync(session, cancellationToken);
    }

    /// <returns>The result that ended the search.</returns>
    private async Task<LdapResult?> HearAsync(IAsyncEnumerator<LdapMessage> messages, Task<bool> next)
    {
        long highest = 0;
        while (await next)
        {
            switch (messages.Current.Operation)
            {
                case SearchResultDone done:
                    return done.Result;

                // Logons and the like change objects without a number: no feed would report them.
                case SearchResultEntry { Entry: var entry } when UsnOf(entry) is var usn && (usn is null || usn > highest):
                    highest = usn ?? highest;
                    Ring();
                    break;
            }

            next = messages.MoveNextAsync().AsTask();
        }

        return null;
    }

    private async Task PollAsync(DomainSession session, CancellationToken cancellationToken)
    {
        long? before = null;
        while (true)
        {
            long now = await DomainControllerFacts.ReadUsnAsync(session.Connection, cancellationToken);
            if (now != before)
            {
                before = now;
                Ring();
            }

            await Task.Delay(PollInterval, time, cancellationToken);
        }
    }

    private static long? UsnOf(LdapEntry entry) =>
        long.TryParse(entry.FirstString(UsnChanged), NumberStyles.None, CultureInfo.InvariantCulture, out long usn) ? usn : null;

    private static TaskCompletionSource NewRing() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
