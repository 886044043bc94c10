using System.Security.Cryptography;

namespace Postern.Certificates;

/// <summary>Why something sealed cannot be opened.</summary>
public enum SealingFault
{
    /// <summary>It is not what a seal makes, was cut off or was changed.</summary>
    Damaged,

    /// <summary>It is sealed, but for none of the keys that were tried.</summary>
    ForOthers,

    /// <summary>It is sealed with a passphrase, and not with this one.</summary>
    WrongPassphrase,

    /// <summary>Its algorithms are none that this version opens.</summary>
    UnknownAlgorithm,
}

/// <summary>Something sealed cannot be opened, or something cannot be sealed for a certificate.</summary>
public sealed class SealingException(SealingFault fault, string message, Exception? inner = null) : CryptographicException(message, inner)
{
    public SealingFault Fault { get; } = fault;
}
