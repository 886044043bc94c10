namespace Postern.Ldap;

/// <summary>A directory answered, and the answer was no. The connection it came over is still usable.</summary>
public sealed class LdapException : Exception
{
    /// <param name="result">What the directory said.</param>
    /// <param name="what">What was asked, e.g. <c>search under dc=example,dc=com</c>.</param>
    public LdapException(LdapResult result, string what)
        : base(Describe(result, what))
    {
        Result = result;
    }

    public LdapException(LdapResultCode code, string diagnosticMessage)
        : base(diagnosticMessage)
    {
        Result = new LdapResult(code, diagnosticMessage);
    }

    public LdapResult Result { get; }

    public LdapResultCode Code => Result.Code;

    private static string Describe(LdapResult result, string what)
    {
        string name = char.ToLowerInvariant(result.Code.ToString()[0]) + result.Code.ToString()[1..];
        string reason = result.DiagnosticMessage.Length == 0 ? "" : $": {result.DiagnosticMessage}";
        return $"{what}: {name} ({(int)result.Code}){reason}";
    }
}

/// <summary>Octets that are not what the protocol asks for, or more of them than a limit allows. When a message's structure is damaged,
/// the connection it came over is lost.</summary>
public sealed class LdapProtocolException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Well-formed, but beyond one of <see cref="LdapLimits"/>; the message names it.</summary>
    public bool IsLimit { get; init; }

    /// <summary>What the peer is told, as far as it is told at all: adminLimitExceeded or protocolError.</summary>
    public LdapResult ToResult() => new(IsLimit ? LdapResultCode.AdminLimitExceeded : LdapResultCode.ProtocolError, Message);
}
