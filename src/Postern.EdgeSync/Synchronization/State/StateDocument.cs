using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postern.EdgeSync.Synchronization.State;

/// <summary>What a hub has to know to go on from where the last cycle ended: posternCookie of the state entry, UTF-8 JSON. Written in one
/// batch with the data that it speaks for.</summary>
internal sealed record StateDocument
{
    /// <summary>Another form, another number; a document of another version is no document.</summary>
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>In the order of reading.</summary>
    public IReadOnlyList<SourceState> Sources { get; init; } = [];

    /// <summary>Deletions by time, as far back as the guard looks.</summary>
    public IReadOnlyList<DeleteCount> Deletes { get; init; } = [];

    /// <summary>Addresses that an entry wanted and another one has.</summary>
    public IReadOnlyList<Contest> Contests { get; init; } = [];

    /// <summary>There are more of them than are kept.</summary>
    public bool MoreContests { get; init; }

    /// <summary>Objects left out, with the reason; tried again whenever the source shows them.</summary>
    public IReadOnlyList<LeftOut> LeftOut { get; init; } = [];

    public HeldNote? Held { get; init; }

    /// <summary>Deletions that an operator rejected.</summary>
    public int Rejected { get; init; }

    /// <summary>Why the next cycle must read everything, in words; null: it need not.</summary>
    public string? WholeBecause { get; init; }

    /// <summary>Entries that the edge holds of all sources.</summary>
    [JsonIgnore]
    public long Entries => Sources.Sum(source => source.Entries);

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, StateJson.Default.StateDocument);

    /// <summary>Null for anything that is not a document of this version: then everything is read.</summary>
    public static StateDocument? TryDecode(ReadOnlySpan<byte> octets)
    {
        try
        {
            StateDocument? document = JsonSerializer.Deserialize(octets, StateJson.Default.StateDocument);
            return document is { Version: CurrentVersion, Sources: not null, Deletes: not null, Contests: not null, LeftOut: not null }
                && document.Sources.All(source => source is { Name: not null, Fingerprint: not null })
                && document.Contests.All(contest => contest is { Hash: not null, Owner: not null, Loser: not null })
                && document.LeftOut.All(one => one is { Id: not null, Source: not null, Reason: not null })
                && document.Deletes.All(one => one is { Part: not null })
                ? document
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>How far one source has been read.</summary>
/// <param name="Fingerprint">Of everything in the settings that changes what is read or what becomes of it.</param>
/// <param name="Cookie">Null: the source has no change feed, or was never read to its end.</param>
/// <param name="TakenAt">When the cookie was taken.</param>
/// <param name="WholeAt">When everything was last read.</param>
/// <param name="Entries">What the edge holds of it.</param>
internal sealed record SourceState(string Name, string Fingerprint, byte[]? Cookie, DateTimeOffset? TakenAt, DateTimeOffset? WholeAt, long Entries);

/// <param name="Part">Object class.</param>
internal sealed record DeleteCount(DateTimeOffset At, string Part, long Count);

/// <summary>An address that two entries claim.</summary>
/// <param name="Hash">The first 16 octets of the address hash, or an id that two sources have; hexadecimal digits.</param>
/// <param name="Owner">Id of the entry that has it.</param>
internal sealed record Contest(string Hash, string Owner, string Loser);

/// <param name="Id">Of the source entry; never its name.</param>
/// <param name="Refused">By the edge; otherwise nothing of it may be replicated.</param>
internal sealed record LeftOut(string Id, string Source, string Reason, bool Refused);

/// <summary>Deletions that wait for a decision.</summary>
/// <param name="Since">When the guard first held them.</param>
internal sealed record HeldNote(DateTimeOffset Since, string Reason, int Count);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, MaxDepth = 8)]
[JsonSerializable(typeof(StateDocument))]
internal sealed partial class StateJson : JsonSerializerContext;
