using System.Text.Json.Nodes;
using Postern.EdgeSync.Configuration;
using Postern.Mail;

namespace Postern.Operations.Configuration;

/// <summary>
/// The verbs of the mail configuration, the same for every class and on both sides. On a hub they change what all edges get; on an edge
/// without a subscription what is its own; on one with a subscription they only show what came.
/// </summary>
/// <param name="edges">Short names of the edges that connectors may belong to.</param>
/// <param name="managed">Null: changes are welcome. Otherwise who manages the configuration instead, and where.</param>
public sealed class ConfigurationOperations(
    ConfigurationStore store, bool onEdge, string? site, Func<CancellationToken, Task<IReadOnlyList<string>>> edges, Func<CancellationToken, Task<ManagedElsewhere?>> managed)
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> NoValues = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Whether a server of this name is a hub, which only <c>hub remove</c> takes away; null: there are no hubs here.</summary>
    public Func<string, CancellationToken, Task<bool>>? IsHub { get; init; }

    public Task<ConfigurationList> ListAsync(ConfigurationClass kind, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () => new ConfigurationList(
            [.. (await store.ListAsync(kind, cancellationToken)).Select(item => ConfigurationViews.View(kind, item, onEdge))]));

    public Task<JsonObject> ShowAsync(ConfigurationClass kind, ConfigurationRequest request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () => await ViewAsync(kind, NameOf(kind, request), cancellationToken));

    public Task<JsonObject> AddAsync(ConfigurationClass kind, ConfigurationRequest request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            await CheckChangeAsync(kind, "add", request, cancellationToken);
            ConfigurationObject made = await store.AddAsync(kind, NameOf(kind, request), Complete(kind, request.Values ?? NoValues), cancellationToken);
            return await ViewAsync(kind, made.Name, cancellationToken);
        });

    public Task<JsonObject> SetAsync(ConfigurationClass kind, ConfigurationRequest request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            await CheckChangeAsync(kind, "set", request, cancellationToken);
            ConfigurationObject set = await store.SetAsync(kind, NameOf(kind, request), request.NewName, request.Values ?? NoValues, cancellationToken);
            return await ViewAsync(kind, set.Name, cancellationToken);
        });

    /// <returns>What it was.</returns>
    public Task<JsonObject> RemoveAsync(ConfigurationClass kind, ConfigurationRequest request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            await CheckChangeAsync(kind, "remove", request, cancellationToken);
            if (kind == ConfigurationClasses.Server && IsHub is not null && request.Name is { } name && await IsHub(name, cancellationToken))
            {
                throw new OperationException(
                    FailureCategory.Conflict, "serverIsHub", $"server {name} is a hub, and its entry is how the others know it",
                    $"stop it and use `postern hub remove {name}` on another hub; `postern server set {name} --accepts-mail false` only keeps mail from it");
            }

            return ConfigurationViews.View(kind, await store.RemoveAsync(kind, NameOf(kind, request), cancellationToken), onEdge);
        });

    private async Task<JsonObject> ViewAsync(ConfigurationClass kind, string name, CancellationToken cancellationToken) =>
        ConfigurationViews.View(kind, await store.FindAsync(kind, name, cancellationToken), onEdge);

    private async Task CheckChangeAsync(ConfigurationClass kind, string verb, ConfigurationRequest request, CancellationToken cancellationToken)
    {
        if (await managed(cancellationToken) is { } elsewhere)
        {
            throw new OperationException(
                FailureCategory.Conflict, "managedByHub", $"the {kind.Noun}s of this edge are {elsewhere.By}", elsewhere.Hint($"postern {kind.Command} {verb}"));
        }

        if (request.Values is null || !request.Values.TryGetValue("edges", out IReadOnlyList<string>? named))
        {
            return;
        }

        IReadOnlyList<string> known = await edges(cancellationToken);
        if (named.FirstOrDefault(edge => edge.Trim() != EdgeSource.Every && !known.Contains(edge.Trim(), StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new OperationException(
                FailureCategory.NotFound, "noSuchSubscription", $"there is no edge {unknown} here",
                known.Count == 0 ? "no edge is subscribed yet; * is every edge" : $"these are: {string.Join(", ", known)}; * is every edge");
        }
    }

    /// <summary>A server is of the hub's own site unless it says otherwise.</summary>
    private IReadOnlyDictionary<string, IReadOnlyList<string>> Complete(ConfigurationClass kind, IReadOnlyDictionary<string, IReadOnlyList<string>> values) =>
        kind == ConfigurationClasses.Server && site is not null && !values.ContainsKey("site")
            ? new Dictionary<string, IReadOnlyList<string>>(values) { ["site"] = [site] }
            : values;

    private static string NameOf(ConfigurationClass kind, ConfigurationRequest request) =>
        request.Name ?? kind.OnlyName ?? throw new OperationException(
            FailureCategory.BadRequest, "badRequest", $"the name of the {kind.Noun} is missing", "use the postern command of the same version as the daemon");
}

/// <summary>Who manages an edge's configuration in its place.</summary>
/// <param name="By">Ends the sentence "the accepted domains of this edge are ...".</param>
/// <param name="Hint">What to do instead, given the command.</param>
public sealed record ManagedElsewhere(string By, Func<string, string> Hint);
