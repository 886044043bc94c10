using System.Text.Json;
using Postern.EdgeSync.Filters;
using Postern.Ldap;

namespace Postern.EdgeSync.Settings;

/// <summary>Reads <c>sources[].map</c> over the map of the preset; <c>null</c> takes a key of the preset away.</summary>
internal static class RecipientMapReader
{
    /// <summary>Entries of a safelist; a mailbox takes 5000 senders (fact sheet 5.1).</summary>
    private const int MostSafelistEntries = 65_536;

    public static RecipientMap Read(JsonObjectReader source, RecipientMap preset)
    {
        if (source.Object("map") is not { } reader)
        {
            return preset;
        }

        RecipientMap map = new()
        {
            Addresses = ReadAddresses(reader, preset.Addresses),
            InternalOnly = ReadCondition(reader, "internalOnly", preset.InternalOnly),
            Disabled = ReadCondition(reader, "disabled", preset.Disabled),
            SafeSenders = ReadAttribute(reader, "safeSenders", preset.SafeSenders),
            SafeRecipients = ReadAttribute(reader, "safeRecipients", preset.SafeRecipients),
            BlockedSenders = ReadAttribute(reader, "blockedSenders", preset.BlockedSenders),
            MaxSafelistEntries = reader.Integer("maxSafelistEntries", preset.MaxSafelistEntries, 1, MostSafelistEntries),
            SclDelete = ReadAttribute(reader, "sclDelete", preset.SclDelete),
            SclReject = ReadAttribute(reader, "sclReject", preset.SclReject),
            SclQuarantine = ReadAttribute(reader, "sclQuarantine", preset.SclQuarantine),
            AntispamBypass = ReadCondition(reader, "antispamBypass", preset.AntispamBypass),
        };
        reader.NoteUnknown();
        return map;
    }

    private static IReadOnlyList<string> ReadAddresses(JsonObjectReader reader, IReadOnlyList<string> otherwise)
    {
        const string key = "addresses";
        if (reader.Array(key) is not { } items)
        {
            return otherwise;
        }

        foreach (JsonValue item in items.Where(item => item.Type != JsonTokenType.String || !AttributeDescription.IsValid(item.Text)))
        {
            reader.Fault(key, $"{JsonObjectReader.Describe(item)} is not the name of an attribute");
        }

        return [.. items.Select(item => item.Text).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    private static string? ReadAttribute(JsonObjectReader reader, string key, string? otherwise)
    {
        if (!IsGiven(reader, key, otherwise, out string? given))
        {
            return given;
        }

        if (!AttributeDescription.IsValid(given))
        {
            reader.Fault(key, $"\"{given}\" is not the name of an attribute");
        }

        return given;
    }

    private static string? ReadCondition(JsonObjectReader reader, string key, string? otherwise)
    {
        if (!IsGiven(reader, key, otherwise, out string? given))
        {
            return given;
        }

        try
        {
            if (EntryFilter.Undecidable(Filter.Parse(given!)) is { } item)
            {
                reader.Fault(key, EntryFilter.ExplainUndecidable(item));
            }
        }
        catch (FormatException e)
        {
            reader.Fault(key, $"a filter is expected, like (attribute=TRUE): {e.Message}");
            return otherwise;
        }

        return given;
    }

    /// <returns>True when there is a text; else <paramref name="given"/> is what holds without one.</returns>
    private static bool IsGiven(JsonObjectReader reader, string key, string? otherwise, out string? given)
    {
        given = otherwise;
        if (reader.Member(key) is not { } value)
        {
            return false;
        }

        given = value.Type == JsonTokenType.Null ? null : reader.String(key);
        return given is not null;
    }
}
