using System.Text.Json.Serialization;

namespace Postern.EdgeSync.Synchronization.Planning;

/// <summary>What is known of a plan: the file beside its operations.</summary>
/// <param name="Generation">Of the edge's state when the plan was made; null: there was no state, or an old one.</param>
/// <param name="StateExisted">Whether the edge had a state.</param>
/// <param name="Sha256">Of the file of operations, lower-case hexadecimal digits.</param>
/// <param name="DecisionsSha256">Of the file of decisions.</param>
/// <param name="Batches">Of operations; the last one ends with the state.</param>
internal sealed record PlanHeader(
    string Id, string Edge, SyncType Type, long? Generation, bool StateExisted, DateTimeOffset Created, DateTimeOffset Expires,
    long Added, long Updated, long Deleted, string Sha256, string DecisionsSha256, int Batches)
{
    public const int CurrentVersion = 2;

    public int Version { get; init; } = CurrentVersion;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PlanHeader))]
internal sealed partial class PlanJson : JsonSerializerContext;
