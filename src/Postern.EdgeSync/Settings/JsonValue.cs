using System.Text;
using System.Text.Json;

namespace Postern.EdgeSync.Settings;

/// <summary>A JSON value that knows its line: System.Text.Json's own documents do not.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Text">Of strings: the string. Of everything else: as written.</param>
internal sealed record JsonValue(JsonTokenType Type, int Line, string Text)
{
    public IReadOnlyList<(string Key, int Line, JsonValue Value)> Members { get; init; } = [];

    public IReadOnlyList<JsonValue> Items { get; init; } = [];

    /// <summary>Nesting in a settings file.</summary>
    private const int MaxDepth = 16;

    /// <exception cref="HubSettingsException">Not JSON: then that is the only fault that can be named.</exception>
    public static JsonValue Parse(ReadOnlySpan<byte> utf8, string fileName)
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble))
        {
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        }

        Utf8JsonReader reader = new(utf8, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = MaxDepth });
        LineCounter lines = new(utf8);
        try
        {
            reader.Read();
            JsonValue value = Read(ref reader, ref lines);
            reader.Read();
            return value;
        }
        catch (JsonException e)
        {
            throw new HubSettingsException(fileName, [new SettingsFault((int)(e.LineNumber ?? 0) + 1, "JSON", $"not valid JSON: {e.Message.Split(" LineNumber", 2)[0]}")]);
        }
    }

    private static JsonValue Read(ref Utf8JsonReader reader, ref LineCounter lines)
    {
        int line = lines.At(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                List<(string, int, JsonValue)> members = [];
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    string key = reader.GetString()!;
                    int keyLine = lines.At(reader.TokenStartIndex);
                    reader.Read();
                    members.Add((key, keyLine, Read(ref reader, ref lines)));
                }

                return new JsonValue(JsonTokenType.StartObject, line, "{...}") { Members = members };
            case JsonTokenType.StartArray:
                List<JsonValue> items = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Read(ref reader, ref lines));
                }

                return new JsonValue(JsonTokenType.StartArray, line, "[...]") { Items = items };
            case JsonTokenType.String:
                return new JsonValue(JsonTokenType.String, line, reader.GetString()!);
            default:
                return new JsonValue(reader.TokenType, line, Encoding.UTF8.GetString(reader.ValueSpan));
        }
    }

    /// <summary>Offsets only grow, so every octet is looked at once.</summary>
    private ref struct LineCounter(ReadOnlySpan<byte> utf8)
    {
        private readonly ReadOnlySpan<byte> _utf8 = utf8;
        private int _offset;
        private int _line = 1;

        public int At(long offset)
        {
            _line += _utf8[_offset..(int)offset].Count((byte)'\n');
            _offset = (int)offset;
            return _line;
        }
    }
}
