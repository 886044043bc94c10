using System.Globalization;
using Postern.Directory;
using Postern.Ldap;

namespace Postern.Operations.Maintenance;

/// <summary>One import: reads records, sends them in batches, and says by line what was refused.</summary>
internal sealed class LdifImport(IDirectory directory, DirectorySchema schema, ImportDirectory request, IProgress<MaintenanceProgress>? progress)
{
    private const int MaxRefusals = 100;
    private const string EntryUuid = "entryUUID";

    /// <summary>Operational attributes of other servers that are not in the schema here: they tell about the server they came from.</summary>
    private static readonly HashSet<string> Foreign = new(AttributeDescription.Comparer)
    {
        "creatorsName", "modifiersName", "structuralObjectClass", "entryDN", "hasSubordinates", "numSubordinates", "contextCSN",
    };

    private readonly List<(IUpdateOperation Operation, int Line)> _batch = [];
    private readonly List<string> _refusals = [];

    public long Imported { get; private set; }

    public long Skipped { get; private set; }

    public long Refused { get; private set; }

    public IReadOnlyList<string> Refusals => _refusals;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using FileStream stream = File.OpenRead(request.File);
        try
        {
            foreach (LdifRecord record in new LdifReader(stream, request.File).Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                IUpdateOperation operation = ToOperation(record);
                if (request.SkipExisting && operation is AddRequest && await ExistsAsync(operation.Dn, cancellationToken))
                {
                    Skipped++;
                    continue;
                }

                _batch.Add((operation, record.Line));
                if (!request.Atomic && _batch.Count >= request.BatchSize)
                {
                    await SendAsync(cancellationToken);
                }
            }

            await SendAsync(cancellationToken);
        }
        catch (LdifException e) when (!request.Atomic)
        {
            await SendAsync(cancellationToken);
            throw Stopped("ldif", e.Message);
        }
    }

    private IUpdateOperation ToOperation(LdifRecord record) => record switch
    {
        LdifContentRecord content => new AddRequest(content.Entry.Dn, [.. content.Entry.Attributes.Where(IsImported)]),
        LdifChangeRecord { Operation: AddRequest add } => new AddRequest(add.Dn, [.. add.Attributes.Where(IsImported)]),
        LdifChangeRecord change => change.Operation,
        _ => throw new LdifException(request.File, record.Line, "neither an entry nor a change"),
    };

    private bool IsImported(LdapAttribute attribute)
    {
        string type = AttributeDescription.TypeOf(attribute.Description).ToString();
        return AttributeDescription.Comparer.Equals(type, EntryUuid)
            ? !request.NewUuids
            : !Foreign.Contains(type) && schema.FindAttribute(type) is not { NoUserModification: true };
    }

    /// <summary>Everything before a refused record takes effect, as the message promises; nothing at all when the import is atomic.</summary>
    private async Task SendAsync(CancellationToken cancellationToken)
    {
        int start = 0;
        while (start < _batch.Count)
        {
            int count = _batch.Count - start;
            BatchResult result = await BatchAsync(start, count, cancellationToken);
            if (result.Result.IsSuccess)
            {
                Note(count);
                break;
            }

            (IUpdateOperation refused, int line) = _batch[start + Math.Max(0, result.FailedOperation)];
            string reason = string.Create(CultureInfo.InvariantCulture, $"{request.File}:{line}: {refused.Dn}: {Words(result.Result)}");
            if (request.Atomic || result.FailedOperation < 0 || IsOfTheStore(result.Result))
            {
                throw Stopped("importStopped", reason);
            }

            if (result.FailedOperation > 0)
            {
                (await BatchAsync(start, result.FailedOperation, cancellationToken)).Result.ThrowIfFailed("import");
                Note(result.FailedOperation);
            }

            if (!request.GoOn)
            {
                throw Stopped("importStopped", reason);
            }

            Refused++;
            if (_refusals.Count < MaxRefusals)
            {
                _refusals.Add(reason);
            }

            start += result.FailedOperation + 1;
        }

        _batch.Clear();
    }

    private Task<BatchResult> BatchAsync(int start, int count, CancellationToken cancellationToken) =>
        directory.BatchAsync([.. _batch.Skip(start).Take(count).Select(one => one.Operation)], cancellationToken);

    private void Note(int count)
    {
        Imported += count;
        progress?.Report(new MaintenanceProgress("importing", Imported, 0));
    }

    private async Task<bool> ExistsAsync(string dn, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (LdapEntry entry in directory.SearchAsync(SearchRequest.ReadEntry(dn, "1.1"), cancellationToken))
            {
                return true;
            }
        }
        catch (LdapException)
        {
            // Not there, or no name at all: the add will say which.
        }

        return false;
    }

    private OperationException Stopped(string code, string reason) => new(
        FailureCategory.Failed, code,
        string.Create(CultureInfo.InvariantCulture, $"{reason}; {(Imported == 0 ? "nothing was imported" : $"the {Imported} records before it are imported")}"),
        "mend that record and repeat the command with --skip-existing, which leaves what is there already as it is");

    /// <summary>No other record will fare better: a full disk, a damaged file.</summary>
    private static bool IsOfTheStore(LdapResult result) =>
        result.Code is LdapResultCode.Unavailable or LdapResultCode.Busy or LdapResultCode.Other;

    private static string Words(LdapResult result) =>
        result.DiagnosticMessage.Length > 0 ? $"{result.Code}: {result.DiagnosticMessage}" : result.Code.ToString();
}
