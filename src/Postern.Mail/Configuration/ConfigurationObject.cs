namespace Postern.Mail;

/// <summary>One object of the mail configuration that the hub manages and the edges hold copies of. Immutable.</summary>
public abstract record ConfigurationObject
{
    /// <summary>What it is called; unique within its class, letter case ignored.</summary>
    public abstract string Name { get; init; }
}
