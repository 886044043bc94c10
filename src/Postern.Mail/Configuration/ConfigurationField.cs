using System.Diagnostics.CodeAnalysis;

namespace Postern.Mail;

/// <summary>How a field is written: on the command line, in results and in the directory.</summary>
public enum FieldShape
{
    /// <summary>One value; no value: not set.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Switch,

    /// <summary>One of <see cref="ConfigurationField.Words"/>.</summary>
    Choice,

    /// <summary>Any number of values, in no order.</summary>
    List,

    /// <summary>Octets; as text they are base64, in the directory they are themselves.</summary>
    Octets,
}

/// <summary>
/// One field of a class of configuration: the one place that knows its name, its attribute and how its text is read. Command line, results
/// and directory entries are made from it.
/// </summary>
/// <param name="Name">In results, camelCase.</param>
/// <param name="Option">On the command line, with its two hyphens.</param>
/// <param name="Attribute">In the directory.</param>
/// <param name="Description">For people: what it does, and the default.</param>
public sealed record ConfigurationField(string Name, string Option, string Attribute, FieldShape Shape, string Description)
{
    /// <summary>Reads the new values of a field into an object; no values: the field is no longer set.</summary>
    internal delegate bool Setter(
        ConfigurationObject basis, IReadOnlyList<string> values, [NotNullWhen(true)] out ConfigurationObject? changed, [NotNullWhen(false)] out string? error);

    /// <summary>What <see cref="FieldShape.Choice"/> chooses from.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Stands for the value in help texts.</summary>
    public string Placeholder { get; init; } = "TEXT";

    /// <summary>An object cannot be made without it.</summary>
    public bool Required { get; init; }

    /// <summary>A column of lists.</summary>
    public bool Column { get; init; }

    internal Func<ConfigurationObject, IReadOnlyList<string>> Reader { get; init; } = _ => [];

    internal Setter Writer { get; init; } = null!;

    /// <summary>What results show where it differs from what is stored: a default that depends on other fields.</summary>
    internal Func<ConfigurationObject, IReadOnlyList<string>>? Effective { get; init; }

    /// <summary>The values as text, in a fixed order; none when it is not set.</summary>
    public IReadOnlyList<string> Read(ConfigurationObject one) => Reader(one);

    /// <summary>The values that hold, whether set or by default.</summary>
    public IReadOnlyList<string> Show(ConfigurationObject one) => (Effective ?? Reader)(one);
}
