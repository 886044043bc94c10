using Microsoft.Extensions.Logging;
using Postern.EdgeSync.NameService;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources.Connecting;
using Postern.Ldap;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>Active Directory or Samba AD: everything by a paged search, then changes by DirSync, or by uSNChanged where the account lacks that
/// right; rung by change notification.</summary>
/// <remarks>A domain controller only tells which objects have changed, so each is read again by its GUID, through the filter. A filter or an
/// account that makes some changes invisible has no feed at all: such a source is compared whole, as often as the schedule says.</remarks>
public sealed class ActiveDirectorySource : ISource
{
    /// <summary>More changed objects than this are read whole: one by one they would take longer.</summary>
    internal const int DefaultMaxChanges = 50_000;

    private readonly SourceSettings _settings;
    private readonly ILogger _log;
    private readonly DomainControllers _controllers;
    private readonly ChangeBell _bell;
    private readonly Filter _filter;
    private readonly IReadOnlyList<string> _attributes;
    private readonly DirSyncFeed _dirSync;
    private readonly UsnFeed _usn;
    private readonly string? _withoutFeed;
    private readonly Lock _gate = new();

    // Completed unless the last reading found no feed.
    private TaskCompletionSource _hasFeed = Completed();

    public ActiveDirectorySource(SourceSettings settings, TimeProvider time, ILoggerFactory loggerFactory)
        : this(settings, time, loggerFactory, null)
    {
    }

    /// <param name="nameServers">For tests; the machine's own otherwise.</param>
    internal ActiveDirectorySource(SourceSettings settings, TimeProvider time, ILoggerFactory loggerFactory, DnsClient? nameServers)
    {
        _settings = settings;
        _log = loggerFactory.CreateLogger<ActiveDirectorySource>();
        _controllers = new DomainControllers(settings, time, _log) { NameServers = nameServers };
        _bell = new ChangeBell(settings.Name, _controllers, time, _log);
        _filter = Filter.Parse(settings.Filter);
        _attributes = [.. settings.RequestedAttributes.Append(ActiveDirectoryNames.ObjectGuid).Distinct(StringComparer.OrdinalIgnoreCase)];
        _dirSync = new DirSyncFeed(Watched());
        _usn = new UsnFeed(settings.PageSize);
        _withoutFeed = WhyNoFeed();
    }

    public string Name => _settings.Name;

    /// <summary>For tests.</summary>
    internal int MaxChanges { get; init; } = DefaultMaxChanges;

    public async Task<ISourceReading> OpenAsync(SourceCookie? since, CancellationToken cancellationToken)
    {
        _bell.NoteReading();
        DomainSession session = await _controllers.OpenAsync(cancellationToken);
        _bell.Follow(session.Endpoint);
        try
        {
            return await OpenAsync(session, since, cancellationToken);
        }
        catch (Exception e)
        {
            await session.DisposeAsync();
            if (!SourceFailures.IsOfDirectory(e))
            {
                throw;
            }

            _controllers.NoteFailure(session, e);
            throw session.Explain(e, "asking for changes");
        }
    }

    /// <inheritdoc/>
    /// <remarks>Without a feed each ring would cost a whole comparison: then the schedule alone counts.</remarks>
    public async Task WaitForBellAsync(CancellationToken cancellationToken)
    {
        if (_withoutFeed is not null)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        do
        {
            await HasFeed.WaitAsync(cancellationToken);
            await _bell.WaitAsync(cancellationToken);
        }
        while (!HasFeed.IsCompleted);
    }

    public async ValueTask DisposeAsync()
    {
        await _bell.DisposeAsync();
        await _controllers.DisposeAsync();
    }

    private async Task<ISourceReading> OpenAsync(DomainSession session, SourceCookie? since, CancellationToken cancellationToken)
    {
        ActiveDirectoryCookie? cookie = since is null ? null : ActiveDirectoryCookie.TryDecode(since);
        string because = WhyWhole(session, since, cookie);
        if (because.Length == 0)
        {
            ChangedObjects changes = new();
            try
            {
                ReadOnlyMemory<byte> position = cookie!.Kind == FeedKind.DirSync
                    ? await _dirSync.ReadAsync(session, cookie.Position, changes, MaxChanges, cancellationToken)
                    : await _usn.ReadAsync(session, cookie.Usn, changes, MaxChanges, cancellationToken);
                ObjectReader reader = new(session, _filter, _attributes, _settings.PageSize);
                return new ActiveDirectoryReading(
                    session, _controllers, "", (cookie with { Position = position }).Encode(), token => reader.ReadAsync(changes, token));
            }
            catch (TooManyChangesException e)
            {
                because = e.Message;
            }
            catch (LdapException e) when (e.Code is not (LdapResultCode.Busy or LdapResultCode.Unavailable or LdapResultCode.TimeLimitExceeded))
            {
                because = $"the domain controller does not answer the cookie any more: {e.Message}";
                ActiveDirectoryLog.CookieRefused(_log, Name, session.Endpoint.ToString(), e.Message);
            }
        }

        // Before the search: what changes while it runs is then told a second time, not lost.
        (SourceCookie? next, string without) = await BeginAsync(session, cancellationToken);
        NoteFeed(next is not null);
        WholeSearch whole = new(session, _settings, _filter, _attributes);
        return new ActiveDirectoryReading(session, _controllers, without.Length > 0 ? without : because, next, whole.ReadAsync);
    }

    private Task HasFeed
    {
        get
        {
            lock (_gate)
            {
                return _hasFeed.Task;
            }
        }
    }

    /// <summary>An account may lose the right to a feed, and be given it: then the bell counts again.</summary>
    private void NoteFeed(bool found)
    {
        lock (_gate)
        {
            if (found)
            {
                _hasFeed.TrySetResult();
            }
            else if (_hasFeed.Task.IsCompleted)
            {
                _hasFeed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private static TaskCompletionSource Completed()
    {
        TaskCompletionSource completed = new();
        completed.SetResult();
        return completed;
    }

    /// <summary>The cookie of now, by the best feed that the account may use.</summary>
    /// <returns>Null and the reason where there is none.</returns>
    private async Task<(SourceCookie? Cookie, string Without)> BeginAsync(DomainSession session, CancellationToken cancellationToken)
    {
        DomainControllerFacts facts = session.Facts;
        if (_withoutFeed is not null)
        {
            return (null, _withoutFeed);
        }

        if (facts.InvocationId.IsEmpty)
        {
            return (null, $"the account may not read the invocationId of {facts.ServiceName}, so that a restored domain controller could not be told");
        }

        SourceCookie Cookie(FeedKind kind, ReadOnlyMemory<byte> position) =>
            new ActiveDirectoryCookie(kind, facts.InvocationId, facts.ServiceName, facts.NamingContext.Normalized, position).Encode();

        if (facts.Controls.Contains(LdapOids.DirSync))
        {
            try
            {
                return (Cookie(FeedKind.DirSync, await DirSyncFeed.BeginAsync(session, cancellationToken)), "");
            }
            catch (LdapException e) when (e.Code is not (LdapResultCode.Busy or LdapResultCode.Unavailable))
            {
                ActiveDirectoryLog.NoDirSync(_log, Name, session.Endpoint.ToString(), e.Message);
            }
        }

        if (await UsnFeed.CanSeeDeletedAsync(session, cancellationToken))
        {
            return (Cookie(FeedKind.Usn, UsnFeed.Position(facts.HighestUsn)), "");
        }

        ActiveDirectoryLog.NoFeed(_log, Name, session.Endpoint.ToString());
        return (null, "the account may neither replicate directory changes nor see deleted objects, so that deletes are noticed by comparing everything only");
    }

    private static string WhyWhole(DomainSession session, SourceCookie? since, ActiveDirectoryCookie? cookie)
    {
        DomainControllerFacts facts = session.Facts;
        if (since is null)
        {
            return "no cookie yet";
        }

        if (cookie is null)
        {
            return "the cookie is of another kind of source";
        }

        if (!cookie.InvocationId.Span.SequenceEqual(facts.InvocationId.Span) || cookie.ServiceName != facts.ServiceName)
        {
            return string.Equals(cookie.ServiceName, facts.ServiceName, StringComparison.OrdinalIgnoreCase)
                ? $"the database of {facts.ServiceName} is another one: it was restored or promoted anew"
                : $"the cookie is of another domain controller: {cookie.ServiceName}, and now {facts.ServiceName} answers";
        }

        return cookie.NamingContext == facts.NamingContext.Normalized ? "" : $"the cookie is of another domain: {cookie.NamingContext}";
    }

    /// <summary>Whose changes DirSync is asked to report.</summary>
    private IReadOnlyList<string> Watched() => FilterAttributes.Of(_filter) is { } filtered
        ? [.. _attributes.Concat(filtered).Append(ActiveDirectoryNames.IsDeletedAttribute).Append(ActiveDirectoryNames.Name).Distinct(StringComparer.OrdinalIgnoreCase)]
        : [];

    private string? WhyNoFeed()
    {
        if (_settings.IdAttribute is { } own && !AttributeDescription.Comparer.Equals(own, ActiveDirectoryNames.ObjectGuid))
        {
            return $"entries are known by {own}, and deleted objects by objectGUID alone";
        }

        return (FilterAttributes.Of(_filter) ?? []).Concat(_attributes).FirstOrDefault(FilterAttributes.IsUnreported) is { } attribute
            ? $"the filter or the map looks at {attribute}, whose changes a domain controller does not report on the object that shows it"
            : null;
    }
}
