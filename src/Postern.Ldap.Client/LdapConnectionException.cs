namespace Postern.Ldap.Client;

public enum LdapFailureKind
{
    /// <summary>DNS does not know the host.</summary>
    NameNotFound,

    /// <summary>The host answers, the port does not; or no route leads there.</summary>
    Refused,

    /// <summary>No answer within <see cref="LdapClientOptions.ConnectTimeout"/> or <see cref="LdapClientOptions.OperationTimeout"/>.</summary>
    TimedOut,

    /// <summary>The handshake failed or the certificate is not believed.</summary>
    TlsFailed,

    /// <summary>The server's certificate is not the pinned one.</summary>
    PinMismatch,

    /// <summary>An established connection ended: closed, reset, or a Notice of Disconnection.</summary>
    ConnectionLost,

    /// <summary>The peer sent what is not LDAP, or more than a limit allows.</summary>
    ProtocolError,

    /// <summary>The server would not start TLS, or broke the rules while it did.</summary>
    StartTlsRefused,
}

/// <summary>There is no connection, or no longer. Whether updates that were under way took effect is unknown.</summary>
/// <remarks>A refusal by a server that leaves the connection usable is an <see cref="LdapException"/>.</remarks>
public sealed class LdapConnectionException(LdapFailureKind kind, string message, string hint, Exception? inner = null)
    : Exception(message, inner)
{
    public LdapFailureKind Kind { get; } = kind;

    /// <summary>What an administrator can do about it.</summary>
    public string Hint { get; } = hint;

    /// <summary>The same failure for another caller: an exception collects the stack of the one who threw it.</summary>
    internal LdapConnectionException Again() => new(Kind, Message, Hint, InnerException ?? this);
}
