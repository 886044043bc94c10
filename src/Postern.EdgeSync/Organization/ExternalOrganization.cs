using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.Connecting;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Organization;

/// <summary>
/// The organization directory on an LDAP server that several hubs share. One connection, opened when it is needed and again when it was
/// lost, to the first server of the list that answers. A batch is a transaction (RFC 5805) where the server has them; elsewhere its
/// operations are applied one after the other and those before a refusal stay, as the refusal says.
/// </summary>
/// <remarks>A directory out of reach is an <see cref="LdapException"/> with <see cref="LdapResultCode.Unavailable"/>.</remarks>
public sealed class ExternalOrganization : IDirectory, IAsyncDisposable
{
    /// <summary>Entries per page: below what servers let an ordinary account read at once (OpenLDAP's default is 500).</summary>
    private const int PageSize = 250;

    private readonly OrganizationSettings _settings;
    private readonly SuffixMap _names;
    private readonly SourceConnection _access;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly OrganizationBell _bell;
    private LdapConnection? _connection;
    private bool _hasTransactions;

    public ExternalOrganization(OrganizationSettings settings, TimeProvider time, ILoggerFactory loggerFactory)
    {
        _settings = settings;
        _names = new SuffixMap(settings.BaseDn);
        _log = loggerFactory.CreateLogger<ExternalOrganization>();
        SourceSettings access = new()
        {
            Name = "organization",
            Type = SourceType.Ldap,
            Urls = settings.Urls,
            BaseDn = settings.BaseDn,
            BindDn = settings.BindDn,
            PasswordFile = settings.PasswordFile,
            CaFile = settings.CaFile,
            StartTls = settings.StartTls,
        };
        _access = new SourceConnection(access, time, _log);
        _bell = new OrganizationBell(_access.OpenAsync, settings.BaseDn, time, _log);
    }

    /// <summary>Ends when something was written there, by whomever; never where the server has no content synchronization (RFC 4533).</summary>
    public Task WaitForChangeAsync(CancellationToken cancellationToken) => _bell.WaitAsync(cancellationToken);

    public async IAsyncEnumerable<LdapEntry> SearchAsync(SearchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        SearchRequest asked = request with { BaseDn = _names.ToServer(request.BaseDn) };
        LdapConnection connection = await ConnectAsync(cancellationToken);
        IAsyncEnumerable<LdapEntry> answers = request.Scope == SearchScope.BaseObject
            ? connection.SearchAsync(asked, cancellationToken)
            : connection.SearchPagedAsync(asked, PageSize, cancellationToken);
        await using IAsyncEnumerator<LdapEntry> entries = answers.GetAsyncEnumerator(cancellationToken);
        while (await Translated(async () => await entries.MoveNextAsync()))
        {
            yield return new LdapEntry(_names.ToLayout(entries.Current.Dn), entries.Current.Attributes);
        }
    }

    public async Task<LdapResult> AddAsync(AddRequest request, CancellationToken cancellationToken = default)
    {
        if (SuffixMap.IsBase(request.Dn))
        {
            return await EnsureBaseAsync(cancellationToken);
        }

        AddRequest asked = request with { Dn = _names.ToServer(request.Dn) };
        return await AskAsync(connection => connection.AddAsync(asked, cancellationToken), cancellationToken);
    }

    public Task<LdapResult> ModifyAsync(ModifyRequest request, CancellationToken cancellationToken = default)
    {
        ModifyRequest asked = request with { Dn = _names.ToServer(request.Dn) };
        return AskAsync(connection => connection.ModifyAsync(asked, cancellationToken), cancellationToken);
    }

    public Task<LdapResult> DeleteAsync(DelRequest request, CancellationToken cancellationToken = default)
    {
        DelRequest asked = request with { Dn = _names.ToServer(request.Dn) };
        return AskAsync(connection => connection.DeleteAsync(asked, cancellationToken), cancellationToken);
    }

    public Task<LdapResult> ModifyDnAsync(ModifyDnRequest request, CancellationToken cancellationToken = default)
    {
        ModifyDnRequest asked = Moved(request);
        return AskAsync(connection => connection.ModifyDnAsync(asked, cancellationToken), cancellationToken);
    }

    public Task<LdapResult> CompareAsync(CompareRequest request, CancellationToken cancellationToken = default)
    {
        CompareRequest asked = request with { Dn = _names.ToServer(request.Dn) };
        return AskAsync(connection => connection.CompareAsync(asked, cancellationToken), cancellationToken);
    }

    public async Task<BatchResult> BatchAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken = default)
    {
        LdapConnection connection = await ConnectAsync(cancellationToken);
        if (operations.Count > 1 && _hasTransactions)
        {
            TransactionAnswer answer = await Translated(
                () => connection.TransactAsync([.. operations.Select(operation => new ControlledUpdate(ToServer(operation), []))], commit: true, cancellationToken));
            return new BatchResult(answer.Result, answer.FailedUpdate);
        }

        for (int i = 0; i < operations.Count; i++)
        {
            LdapResult result = await OneAsync(operations[i], cancellationToken);
            if (!result.IsSuccess)
            {
                string before = i == 0 ? "" : $" (the {i} changes before it stay: the server of the organization directory has no transactions, RFC 5805)";
                return new BatchResult(result with { DiagnosticMessage = result.DiagnosticMessage + before }, i);
            }
        }

        return new BatchResult(LdapResult.Success);
    }

    public async ValueTask DisposeAsync()
    {
        await _bell.DisposeAsync();
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        _one.Dispose();
    }

    private Task<LdapResult> OneAsync(IUpdateOperation operation, CancellationToken cancellationToken) => operation switch
    {
        AddRequest add => AddAsync(add, cancellationToken),
        ModifyRequest modify => ModifyAsync(modify, cancellationToken),
        DelRequest delete => DeleteAsync(delete, cancellationToken),
        ModifyDnRequest rename => ModifyDnAsync(rename, cancellationToken),
        _ => throw new ArgumentException($"{operation.GetType().Name} is no update", nameof(operation)),
    };

    private IUpdateOperation ToServer(IUpdateOperation operation) => operation switch
    {
        AddRequest add => add with { Dn = _names.ToServer(add.Dn) },
        ModifyRequest modify => modify with { Dn = _names.ToServer(modify.Dn) },
        DelRequest delete => delete with { Dn = _names.ToServer(delete.Dn) },
        ModifyDnRequest rename => Moved(rename),
        _ => throw new ArgumentException($"{operation.GetType().Name} is no update", nameof(operation)),
    };

    private ModifyDnRequest Moved(ModifyDnRequest rename) => rename with
    {
        Dn = _names.ToServer(rename.Dn),
        NewSuperior = rename.NewSuperior is { } superior ? _names.ToServer(superior) : null,
    };

    /// <summary>The base belongs to whoever runs the server: an organization or a unit is made if missing, anything else must be there.</summary>
    private async Task<LdapResult> EnsureBaseAsync(CancellationToken cancellationToken)
    {
        string dn = _names.Base.ToString();
        LdapConnection connection = await ConnectAsync(cancellationToken);
        LdapResult found = await Translated(async () =>
        {
            try
            {
                await foreach (LdapEntry _ in connection.SearchAsync(SearchRequest.ReadEntry(dn, "1.1"), cancellationToken))
                {
                    return new LdapResult(LdapResultCode.EntryAlreadyExists, "");
                }

                return new LdapResult(LdapResultCode.NoSuchObject, "");
            }
            catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
            {
                return e.Result;
            }
        });
        if (found.Code != LdapResultCode.NoSuchObject)
        {
            return found;
        }

        (string type, string value) = _names.Base.Rdn.Parts[0];
        string? objectClass = type.ToLowerInvariant() switch
        {
            "o" => "organization",
            "ou" => "organizationalUnit",
            _ => null,
        };
        return objectClass is null
            ? new LdapResult(LdapResultCode.NoSuchObject, $"{dn} does not exist on the server; make it there, or name an o= or ou= as baseDn, which is made")
            : await AskAsync(
                again => again.AddAsync(new AddRequest(dn, new LdapAttribute("objectClass", objectClass), new LdapAttribute(type, value)), cancellationToken), cancellationToken);
    }

    private async Task<LdapResult> AskAsync(Func<LdapConnection, Task<LdapResult>> ask, CancellationToken cancellationToken)
    {
        LdapConnection connection = await ConnectAsync(cancellationToken);
        return await Translated(() => ask(connection));
    }

    private async Task<LdapConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { Failure: null } standing)
            {
                return standing;
            }

            if (_connection is not null)
            {
                await _connection.DisposeAsync();
                _connection = null;
            }

            List<string> failures = [];
            foreach (string url in _settings.Urls)
            {
                try
                {
                    LdapConnection connection = await _access.OpenAsync(LdapEndpoint.Parse(url), cancellationToken);
                    _hasTransactions = await HasTransactionsAsync(connection, cancellationToken);
                    OrganizationLog.Connected(_log, url, _hasTransactions ? "in transactions" : "one by one: the server has no transactions");
                    return _connection = connection;
                }
                catch (Exception e) when (e is SourceException or LdapException or LdapConnectionException)
                {
                    failures.Add(e is SourceException source ? $"{source.Message}. {source.Hint}" : $"{url}: {e.Message}");
                }
            }

            throw new LdapException(LdapResultCode.Unavailable, $"organization directory: {string.Join(" ", failures)}");
        }
        finally
        {
            _one.Release();
        }
    }

    private static async Task<bool> HasTransactionsAsync(LdapConnection connection, CancellationToken cancellationToken)
    {
        await foreach (LdapEntry root in connection.SearchAsync(SearchRequest.ReadEntry("", "supportedExtension"), cancellationToken))
        {
            return root.Strings("supportedExtension").Contains(LdapOids.StartTransaction);
        }

        return false;
    }

    private async Task<T> Translated<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (LdapConnectionException e)
        {
            throw new LdapException(LdapResultCode.Unavailable, $"organization directory {_settings.Urls[0]}: {e.Message}. {e.Hint}");
        }
    }
}

internal static partial class OrganizationLog
{
    [LoggerMessage(3510, LogLevel.Information, "Organization directory {Url}: connected; changes that belong together are made {How}")]
    public static partial void Connected(ILogger log, string url, string how);

    [LoggerMessage(3511, LogLevel.Information, "Organization directory: its changes are not heard of at once, and found at the intervals: {Reason}")]
    public static partial void NoBell(ILogger log, string reason);
}
