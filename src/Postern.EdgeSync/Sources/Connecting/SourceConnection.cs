using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Settings;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.Connecting;

/// <summary>How an LDAP source reaches its directory: TLS and bind as the settings say, the password read anew for each connection.</summary>
internal sealed class SourceConnection(SourceSettings settings, TimeProvider time, ILogger log)
{
    private int _current;

    /// <summary>Of the source.</summary>
    public string Name => settings.Name;

    /// <summary>To the server that answered last, or to the next one of the list that does.</summary>
    /// <exception cref="SourceException">None answers; or one refuses the bind, which the others would as well.</exception>
    public async Task<LdapConnection> OpenAsync(CancellationToken cancellationToken)
    {
        int first = Volatile.Read(ref _current);
        for (int i = 0; ; i++)
        {
            int at = (first + i) % settings.Urls.Count;
            try
            {
                LdapConnection connection = await OpenAsync(LdapEndpoint.Parse(settings.Urls[at]), cancellationToken);
                Volatile.Write(ref _current, at);
                return connection;
            }
            catch (SourceException e) when (e.InnerException is LdapConnectionException or LdapException { Code: LdapResultCode.Busy or LdapResultCode.Unavailable }
                && i + 1 < settings.Urls.Count)
            {
                SourceLog.NextServer(log, Name, settings.Urls[at], settings.Urls[(at + 1) % settings.Urls.Count], e.InnerException.Message);
            }
        }
    }

    /// <summary>The same to one of several servers. The connection is bound, and the caller's to dispose.</summary>
    /// <exception cref="SourceException">Not reached, TLS not believed, bind refused, no password; nothing stays open.</exception>
    public async Task<LdapConnection> OpenAsync(LdapEndpoint endpoint, CancellationToken cancellationToken)
    {
        string? password = settings.BindDn is null ? null : ReadPassword();
        while (true)
        {
            try
            {
                return await OpenAsync(endpoint, password, cancellationToken);
            }
            catch (LdapException e) when (e.Code == LdapResultCode.InvalidCredentials && password is not null && ReadPassword() is { } now && now != password)
            {
                // The password was changed on both sides between our reading of the file and the bind.
                password = now;
            }
            catch (Exception e) when (e is LdapException or LdapConnectionException)
            {
                throw e is LdapException refusal ? BindRefused(endpoint, refusal) : SourceFailures.Explain(settings, e, endpoint.ToString());
            }
        }
    }

    /// <summary>Any failure of an LDAP operation in the words of the source.</summary>
    /// <param name="doing">What was under way, e.g. <c>search under dc=x after 12 entries</c>.</param>
    public SourceException Explain(Exception failure, string doing) => SourceFailures.Explain(settings, failure, $"{LdapEndpoint.Parse(settings.Urls[Volatile.Read(ref _current)])}, {doing}");

    private async Task<LdapConnection> OpenAsync(LdapEndpoint endpoint, string? password, CancellationToken cancellationToken)
    {
        LdapConnection connection = await LdapConnection.ConnectAsync(
            new LdapClientOptions
            {
                Endpoint = endpoint,
                StartTls = settings.StartTls,
                Trust = settings.CaFile is null ? new LdapTrust.System() : new LdapTrust.CaFile(settings.CaFile),
                Time = time,
            },
            cancellationToken);
        try
        {
            if (password is not null)
            {
                await connection.BindAsync(settings.BindDn!, password, cancellationToken);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private SourceException BindRefused(LdapEndpoint endpoint, LdapException refusal)
    {
        string hint = refusal.Code switch
        {
            LdapResultCode.ConfidentialityRequired => "Passwords do not travel in clear: use an ldaps:// url or startTls.",
            LdapResultCode.StrongerAuthRequired => "The directory takes passwords over TLS only: use an ldaps:// url or startTls.",
            LdapResultCode.Busy or LdapResultCode.Unavailable => "The source is overloaded or stopping; the next cycle tries again.",
            _ => $"Check bindDn and the content of {settings.PasswordFile}.",
        };
        return new SourceException(Name, $"{endpoint} refused the bind as {settings.BindDn}: {refusal.Message}", hint, refusal);
    }

    private string ReadPassword()
    {
        try
        {
            PasswordFile file = PasswordFile.Read(settings.PasswordFile!);
            if (file.OthersMayRead)
            {
                SourceLog.PasswordReadable(log, Name, settings.PasswordFile!);
            }

            return file.Password;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SourceException(Name, $"password file {settings.PasswordFile}: {e.Message}", "Check that the file exists and that the hub may read it.", e);
        }
    }
}
