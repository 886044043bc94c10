using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Postern.Mail;

/// <summary>Makes the fields of one class: each states how to get and set its property, the rest is the same for all.</summary>
internal static class FieldsOf<T>
    where T : ConfigurationObject
{
    /// <summary>Values of one list. Ours: an entry stays far below what LDAP servers take.</summary>
    public const int MaxListValues = 1000;

    public delegate bool Parser<TValue>(string text, [NotNullWhen(true)] out TValue? value, [NotNullWhen(false)] out string? error);

    public static ConfigurationField Switch(string name, string option, string attribute, string description, Func<T, bool> get, Func<T, bool, T> set) =>
        new(name, option, attribute, FieldShape.Switch, description)
        {
            Placeholder = "true|false",
            Reader = one => [SwitchText(get((T)one))],
            Writer = One(name, (T one, string text, out string? error) =>
            {
                error = TryReadSwitch(text, out bool value) ? null : $"'{text}' is neither true nor false";
                return error is null ? set(one, value) : null;
            }),
        };

    /// <summary>A switch with a default that depends on other fields: unset with the word <c>default</c>.</summary>
    public static ConfigurationField SwitchOrDefault(
        string name, string option, string attribute, string description, Func<T, bool?> get, Func<T, bool> effective, Func<T, bool?, T> set) =>
        new(name, option, attribute, FieldShape.Switch, description)
        {
            Placeholder = "true|false|default",
            Reader = one => get((T)one) is { } value ? [SwitchText(value)] : [],
            Effective = one => [SwitchText(effective((T)one))],
            Writer = One(
                name,
                (T one, string text, out string? error) =>
                {
                    bool isDefault = text.Equals("default", StringComparison.OrdinalIgnoreCase);
                    bool value = false;
                    error = isDefault || TryReadSwitch(text, out value) ? null : $"'{text}' is none of true, false, default";
                    return error is null ? set(one, isDefault ? null : value) : null;
                },
                unset: one => set(one, null)),
        };

    public static ConfigurationField Number(
        string name, string option, string attribute, string description, int least, int most, Func<T, int> get, Func<T, int, T> set) =>
        new(name, option, attribute, FieldShape.Number, description)
        {
            Placeholder = "N",
            Reader = one => [get((T)one).ToString(CultureInfo.InvariantCulture)],
            Writer = One(name, (T one, string text, out string? error) =>
            {
                bool good = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most;
                error = good ? null : string.Create(CultureInfo.InvariantCulture, $"'{text}' is not a whole number from {least} to {most}");
                return good ? set(one, value) : null;
            }),
        };

    /// <summary>One of a few words; the enum's names in camelCase are the words.</summary>
    public static ConfigurationField Choice<TEnum>(string name, string option, string attribute, string description, Func<T, TEnum> get, Func<T, TEnum, T> set)
        where TEnum : struct, Enum =>
        new(name, option, attribute, FieldShape.Choice, description)
        {
            Placeholder = string.Join('|', EnumWords<TEnum>.All),
            Words = EnumWords<TEnum>.All,
            Reader = one => [EnumWords<TEnum>.Write(get((T)one))],
            Writer = One(name, (T one, string text, out string? error) =>
            {
                error = EnumWords<TEnum>.TryRead(text, out TEnum value) ? null : $"'{text}' is none of {string.Join(", ", EnumWords<TEnum>.All)}";
                return error is null ? set(one, value) : null;
            }),
        };

    /// <summary>Text with a form of its own, which <paramref name="parse"/> checks; null when not set.</summary>
    public static ConfigurationField Text<TValue>(
        string name, string option, string attribute, string placeholder, string description, Parser<TValue> parse, Func<T, TValue?> get, Func<T, TValue?, T> set)
        where TValue : class =>
        new(name, option, attribute, FieldShape.Text, description)
        {
            Placeholder = placeholder,
            Reader = one => get((T)one) is { } value ? [value.ToString()!] : [],
            Writer = One(
                name,
                (T one, string text, out string? error) => parse(text, out TValue? value, out error) ? set(one, value) : null,
                unset: one => set(one, null)),
        };

    /// <summary>Values with a form of their own; doubles are one.</summary>
    public static ConfigurationField List<TValue>(
        string name, string option, string attribute, string placeholder, string description, Parser<TValue> parse,
        Func<T, IReadOnlyList<TValue>> get, Func<T, IReadOnlyList<TValue>, T> set)
        where TValue : class =>
        new(name, option, attribute, FieldShape.List, description)
        {
            Placeholder = placeholder,
            Reader = one => [.. get((T)one).Select(value => value.ToString()!)],
            Writer = (ConfigurationObject basis, IReadOnlyList<string> texts, [NotNullWhen(true)] out ConfigurationObject? changed, [NotNullWhen(false)] out string? error) =>
            {
                changed = null;
                if (texts.Count > MaxListValues)
                {
                    error = string.Create(CultureInfo.InvariantCulture, $"{name}: {texts.Count} values; at most {MaxListValues} are allowed");
                    return false;
                }

                List<TValue> values = [];
                foreach (string text in texts)
                {
                    if (!parse(text, out TValue? value, out string? fault))
                    {
                        error = $"{name}: {fault}";
                        return false;
                    }

                    values.Add(value);
                }

                error = null;
                changed = set((T)basis, [.. values.DistinctBy(value => value.ToString(), StringComparer.OrdinalIgnoreCase).OrderBy(value => value.ToString(), StringComparer.OrdinalIgnoreCase)]);
                return true;
            },
        };

    public static ConfigurationField Octets(
        string name, string option, string attribute, string description, Parser<string> parse, Func<T, string?> get, Func<T, string?, T> set) =>
        Text(name, option, attribute, "FILE", description, parse, get, set) with { Shape = FieldShape.Octets };

    private delegate T? Reading(T one, string text, out string? error);

    private static ConfigurationField.Setter One(string name, Reading read, Func<T, T>? unset = null) =>
        (ConfigurationObject basis, IReadOnlyList<string> values, [NotNullWhen(true)] out ConfigurationObject? changed, [NotNullWhen(false)] out string? error) =>
        {
            changed = null;
            error = null;
            if (values.Count == 0 && unset is not null)
            {
                changed = unset((T)basis);
                return true;
            }

            if (values.Count != 1)
            {
                error = string.Create(CultureInfo.InvariantCulture, $"{name}: one value is needed, not {values.Count}");
                return false;
            }

            changed = read((T)basis, values[0], out string? fault);
            error = changed is null ? $"{name}: {fault}" : null;
            return changed is not null;
        };

    private static string SwitchText(bool value) => value ? "true" : "false";

    private static bool TryReadSwitch(string text, out bool value)
    {
        value = text.Equals("true", StringComparison.OrdinalIgnoreCase);
        return value || text.Equals("false", StringComparison.OrdinalIgnoreCase);
    }
}
