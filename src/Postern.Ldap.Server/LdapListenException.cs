using System.Net;

namespace Postern.Ldap.Server;

/// <summary>An address that the server could not listen on. The message says which and what to do.</summary>
public sealed class LdapListenException(EndPoint endPoint, string message, Exception? inner = null) : IOException(message, inner)
{
    public EndPoint EndPoint { get; } = endPoint;
}
