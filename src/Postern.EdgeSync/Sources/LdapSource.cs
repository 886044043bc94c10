using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Settings;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources;

/// <summary>A source directory over LDAP: one paged search, only the attributes that are needed.</summary>
public sealed class LdapSource(SourceSettings settings, TimeProvider time, ILoggerFactory loggerFactory) : ISource
{
    private readonly ILogger _log = loggerFactory.CreateLogger<LdapSource>();

    public string Name => settings.Name;

    public Task<ISourceReading> OpenAsync(SourceCookie? since, CancellationToken cancellationToken) =>
        Task.FromResult<ISourceReading>(new WholeReading(WholeReading.NoFeed, ReadAsync));

    public Task WaitForBellAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async IAsyncEnumerable<SourceChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using LdapConnection connection = await ConnectAsync(cancellationToken);
        EntryIdReader ids = EntryIdReader.For(settings);
        SearchRequest request = new(settings.BaseDn!, SearchScope.WholeSubtree, Filter.Parse(settings.Filter), [.. settings.AddressAttributes, .. ids.Attributes]);
        await using IAsyncEnumerator<LdapEntry> entries = connection.SearchPagedAsync(request, settings.PageSize, cancellationToken).GetAsyncEnumerator(cancellationToken);
        long count = 0;
        while (await MoveNextAsync(entries, count))
        {
            count++;
            LdapEntry entry = entries.Current;
            if (!ids.TryRead(entry, out EntryId id))
            {
                throw new SourceException(
                    Name,
                    $"entry {entry.Dn} has no {string.Join(" or ", ids.Attributes)}",
                    "Let the bind account read that attribute, or name another one in idAttribute.");
            }

            yield return new SourceChange(id, entry);
        }
    }

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<LdapEntry> entries, long count)
    {
        try
        {
            return await entries.MoveNextAsync();
        }
        catch (LdapException e)
        {
            throw new SourceException(Name, $"{settings.Url}, search under {settings.BaseDn} after {count} entries: {e.Message}", SearchHint(e.Code), e);
        }
        catch (LdapConnectionException e)
        {
            throw new SourceException(Name, $"{settings.Url}, after {count} entries: {e.Message}", e.Hint, e);
        }
    }

    private async Task<LdapConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        string? password = settings.BindDn is null ? null : ReadPassword();
        LdapConnection? connection = null;
        try
        {
            connection = await LdapConnection.ConnectAsync(
                new LdapClientOptions
                {
                    Endpoint = LdapEndpoint.Parse(settings.Url!),
                    StartTls = settings.StartTls,
                    Trust = settings.CaFile is null ? new LdapTrust.System() : new LdapTrust.CaFile(settings.CaFile),
                    Time = time,
                },
                cancellationToken);
            if (password is not null)
            {
                await connection.BindAsync(settings.BindDn!, password, cancellationToken);
            }

            return connection;
        }
        catch (LdapConnectionException e)
        {
            await Close(connection);
            throw new SourceException(Name, $"{settings.Url}: {e.Message}", e.Hint, e);
        }
        catch (LdapException e)
        {
            await Close(connection);
            string hint = e.Code == LdapResultCode.ConfidentialityRequired
                ? "Passwords do not travel in clear: use an ldaps:// url or startTls."
                : $"Check bindDn and the content of {settings.PasswordFile}.";
            throw new SourceException(Name, $"{settings.Url} refused the bind as {settings.BindDn}: {e.Message}", hint, e);
        }
        catch
        {
            await Close(connection);
            throw;
        }
    }

    private string ReadPassword()
    {
        try
        {
            PasswordFile file = PasswordFile.Read(settings.PasswordFile!);
            if (file.OthersMayRead)
            {
                SourceLog.PasswordReadable(_log, Name, settings.PasswordFile!);
            }

            return file.Password;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SourceException(Name, $"password file {settings.PasswordFile}: {e.Message}", "Check that the file exists and that the hub may read it.", e);
        }
    }

    private static async ValueTask Close(LdapConnection? connection)
    {
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    private string SearchHint(LdapResultCode code) => code switch
    {
        LdapResultCode.NoSuchObject => $"Check baseDn \"{settings.BaseDn}\": the source has no such entry, or hides it from {settings.BindDn ?? "anonymous"}.",
        LdapResultCode.SizeLimitExceeded or LdapResultCode.AdminLimitExceeded or LdapResultCode.TimeLimitExceeded =>
            $"The source limits what {settings.BindDn ?? "anonymous"} may read at once; lift that limit for it (OpenLDAP: limits dn.exact=\"{settings.BindDn}\" size=unlimited), or read less with filter.",
        LdapResultCode.InsufficientAccessRights or LdapResultCode.InappropriateAuthentication or LdapResultCode.OperationsError or LdapResultCode.StrongerAuthRequired =>
            "Give bindDn and passwordFile of an account that may read the subtree.",
        LdapResultCode.Referral => "The subtree is on another server; name that server in url.",
        LdapResultCode.Busy or LdapResultCode.Unavailable => "The source is overloaded or stopping; the next cycle tries again.",
        _ => "Look into the log of the source directory.",
    };
}
