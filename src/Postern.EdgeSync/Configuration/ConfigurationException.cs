namespace Postern.EdgeSync.Configuration;

/// <summary>Why the configuration was not changed.</summary>
public enum ConfigurationFault
{
    /// <summary>A name or a value cannot be read, or contradicts another one.</summary>
    BadValue,

    Missing,

    Exists,

    /// <summary>It has to stay: the default domain, the built-in remote domain, the one object of its class.</summary>
    Permanent,
}

/// <summary>The configuration was not changed.</summary>
/// <param name="code">For programs, as docs/cli.md lists it.</param>
public sealed class ConfigurationException(ConfigurationFault fault, string code, string message, string hint) : Exception(message)
{
    public ConfigurationFault Fault { get; } = fault;

    public string Code { get; } = code;

    public string Hint { get; } = hint;
}
