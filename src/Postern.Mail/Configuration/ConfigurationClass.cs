using System.Diagnostics.CodeAnalysis;

namespace Postern.Mail;

/// <summary>
/// A class of configuration: what its objects are called, where they stand in both directories, and its fields. Organization directory,
/// edge directory, projection, command line and results all follow this description.
/// </summary>
public abstract class ConfigurationClass
{
    /// <summary>camelCase, e.g. <c>sendConnector</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>For messages, e.g. <c>send connector</c>.</summary>
    public required string Noun { get; init; }

    /// <summary>With its article: <c>an accepted domain</c>.</summary>
    public string OneOf => $"{(Noun[0] is 'a' or 'e' or 'i' or 'o' or 'u' ? "an" : "a")} {Noun}";

    /// <summary>The words of the command after <c>postern</c>, e.g. <c>connector send</c>.</summary>
    public required string Command { get; init; }

    /// <summary>In the directory.</summary>
    public required string ObjectClass { get; init; }

    /// <summary>The unit below the configuration in both directories, e.g. <c>sendConnectors</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>The error code of a name that does not exist, e.g. <c>noSuchConnector</c>.</summary>
    public required string MissingCode { get; init; }

    /// <summary>The attribute that holds the name on an edge, where the entries themselves are named by id.</summary>
    public string NameAttribute { get; init; } = PosternAttributes.ObjectName;

    /// <summary>False where the name is what the object is about: a domain of another name is another domain.</summary>
    public bool CanRename { get; init; } = true;

    /// <summary>There is one object of this name and no other; without an entry it has its defaults.</summary>
    public string? OnlyName { get; init; }

    /// <summary>In the order in which values are set.</summary>
    public required IReadOnlyList<ConfigurationField> Fields { get; init; }

    public string OrganizationDn => $"ou={Unit},{OrganizationLayout.Configuration}";

    public string EdgeDn => $"ou={Unit},{EdgeLayout.Configuration}";

    /// <summary>A new object with its defaults. It may still miss what is required: <see cref="Check"/> tells.</summary>
    public abstract bool TryMake(string name, [NotNullWhen(true)] out ConfigurationObject? one, [NotNullWhen(false)] out string? error);

    /// <summary>The same object under another name.</summary>
    public bool TryRename(ConfigurationObject one, string name, [NotNullWhen(true)] out ConfigurationObject? renamed, [NotNullWhen(false)] out string? error)
    {
        renamed = null;
        if (!TryMake(name, out ConfigurationObject? named, out error))
        {
            return false;
        }

        renamed = one with { Name = named.Name };
        return true;
    }

    /// <summary>Sets fields by their names; what is not named stays.</summary>
    /// <param name="error">The first fault, with the field's name.</param>
    public bool TrySet(
        ConfigurationObject basis, IReadOnlyDictionary<string, IReadOnlyList<string>> values,
        [NotNullWhen(true)] out ConfigurationObject? changed, [NotNullWhen(false)] out string? error)
    {
        changed = null;
        if (values.Keys.FirstOrDefault(name => Fields.All(field => field.Name != name)) is { } unknown)
        {
            error = $"{OneOf} has no field '{unknown}'";
            return false;
        }

        ConfigurationObject one = basis;
        foreach (ConfigurationField field in Fields)
        {
            if (values.TryGetValue(field.Name, out IReadOnlyList<string>? texts))
            {
                if (!field.Writer(one, texts, out ConfigurationObject? next, out error))
                {
                    return false;
                }

                one = next;
            }
        }

        error = Check(one);
        changed = error is null ? one : null;
        return error is null;
    }

    /// <summary>The rules that tie fields together.</summary>
    /// <returns>What is broken, or null.</returns>
    public abstract string? Check(ConfigurationObject one);

    /// <summary>What of an object an edge gets.</summary>
    /// <param name="edge">The edge's short name.</param>
    /// <param name="site">The site that it is subscribed to.</param>
    /// <returns>Null: nothing of it is for this edge.</returns>
    public abstract ConfigurationObject? ForEdge(ConfigurationObject one, string edge, string site);
}

/// <inheritdoc/>
internal sealed class ConfigurationClass<T> : ConfigurationClass
    where T : ConfigurationObject
{
    public delegate bool Maker(string name, [NotNullWhen(true)] out T? one, [NotNullWhen(false)] out string? error);

    public required Maker Make { get; init; }

    public Func<T, string?> Rules { get; init; } = _ => null;

    public Func<T, string, string, T?> Projected { get; init; } = (one, _, _) => one;

    public override bool TryMake(string name, [NotNullWhen(true)] out ConfigurationObject? one, [NotNullWhen(false)] out string? error)
    {
        bool good = Make(name, out T? made, out error);
        one = made;
        return good;
    }

    public override string? Check(ConfigurationObject one) => Rules((T)one);

    public override ConfigurationObject? ForEdge(ConfigurationObject one, string edge, string site) => Projected((T)one, edge, site);
}
