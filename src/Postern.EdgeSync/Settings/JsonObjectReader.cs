using System.Globalization;
using System.Text.Json;

namespace Postern.EdgeSync.Settings;

/// <summary>Takes the members of one JSON object by name, and notes what is wrong instead of throwing, so that all faults come out at once.</summary>
internal sealed class JsonObjectReader
{
    private readonly JsonValue _object;
    private readonly string _path;
    private readonly List<SettingsFault> _faults;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public JsonObjectReader(JsonValue value, string path, List<SettingsFault> faults)
    {
        _object = value;
        _path = path;
        _faults = faults;
        if (value.Type != JsonTokenType.StartObject)
        {
            faults.Add(new SettingsFault(value.Line, path.Length == 0 ? "JSON" : path, $"an object {{...}} is expected, not {Describe(value)}"));
        }
    }

    public int Line => _object.Line;

    public string Path(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    public void Fault(string key, string message) => _faults.Add(new SettingsFault(Member(key)?.Line ?? _object.Line, Path(key), message));

    public bool Has(string key) => Member(key) is not null;

    public JsonValue? Member(string key)
    {
        _asked.Add(key);
        foreach ((string name, _, JsonValue value) in _object.Members)
        {
            if (name == key)
            {
                return value;
            }
        }

        return null;
    }

    public string? String(string key, bool required = false)
    {
        if (Member(key) is not { } value)
        {
            if (required)
            {
                Fault(key, "missing");
            }

            return null;
        }

        if (value.Type == JsonTokenType.String && value.Text.Trim().Length > 0)
        {
            return value.Text;
        }

        Fault(key, $"a text is expected, not {Describe(value)}");
        return null;
    }

    public bool Boolean(string key, bool otherwise)
    {
        if (Member(key) is not { } value)
        {
            return otherwise;
        }

        if (value.Type is not (JsonTokenType.True or JsonTokenType.False))
        {
            Fault(key, $"true or false is expected, not {Describe(value)}");
        }

        return value.Type == JsonTokenType.True;
    }

    public int Integer(string key, int otherwise, int least, int most) =>
        (int)Number(key, otherwise, least, most, whole: true);

    public double Number(string key, double otherwise, double least, double most, bool whole = false)
    {
        if (Member(key) is not { } value)
        {
            return otherwise;
        }

        if (value.Type == JsonTokenType.Number
            && double.TryParse(value.Text, CultureInfo.InvariantCulture, out double number)
            && number >= least
            && number <= most
            && (!whole || number == Math.Floor(number)))
        {
            return number;
        }

        Fault(key, string.Create(CultureInfo.InvariantCulture, $"a {(whole ? "whole " : "")}number from {least} to {most} is expected, not {Describe(value)}"));
        return otherwise;
    }

    public TimeSpan Duration(string key, TimeSpan otherwise, TimeSpan least, TimeSpan most)
    {
        if (Member(key) is not { } value)
        {
            return otherwise;
        }

        if (value.Type == JsonTokenType.String && DurationText.TryParse(value.Text, out TimeSpan duration) && duration >= least && duration <= most)
        {
            return duration;
        }

        Fault(key, $"a duration \"{DurationText.Form}\" from {DurationText.Print(least)} to {DurationText.Print(most)} is expected, not {Describe(value)}");
        return otherwise;
    }

    public IReadOnlyList<JsonValue>? Array(string key, bool required = false)
    {
        if (Member(key) is not { } value)
        {
            if (required)
            {
                Fault(key, "missing");
            }

            return null;
        }

        if (value.Type == JsonTokenType.StartArray && value.Items.Count > 0)
        {
            return value.Items;
        }

        Fault(key, value.Type == JsonTokenType.StartArray ? "the list is empty" : $"a list [...] is expected, not {Describe(value)}");
        return null;
    }

    /// <summary>A member that is an object, or null.</summary>
    public JsonObjectReader? Object(string key)
    {
        if (Member(key) is not { } value)
        {
            return null;
        }

        // The reader itself says what is wrong with a value that is no object.
        JsonObjectReader reader = new(value, Path(key), _faults);
        return value.Type == JsonTokenType.StartObject ? reader : null;
    }

    /// <summary>After everything was asked for: what nobody asked for, and what is there twice.</summary>
    public void NoteUnknown()
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach ((string key, int line, _) in _object.Members)
        {
            if (!_asked.Contains(key))
            {
                _faults.Add(new SettingsFault(line, Path(key), $"unknown key; known are {string.Join(", ", _asked.Order(StringComparer.Ordinal))}"));
            }
            else if (!seen.Add(key))
            {
                _faults.Add(new SettingsFault(line, Path(key), "the key is there twice"));
            }
        }
    }

    public static string Describe(JsonValue value) => value.Type switch
    {
        JsonTokenType.String => $"\"{value.Text}\"",
        _ => value.Text,
    };
}
