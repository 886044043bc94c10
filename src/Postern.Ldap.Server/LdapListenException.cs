using System.Net;

namespace Postern.Ldap.Server;

/// <summary>An address that the server could not listen on. The message says which and what to do.</summary>
public sealed class LdapListenException(IPEndPoint endPoint, string message, Exception inner) : IOException(message, inner)
{
    public IPEndPoint EndPoint { get; } = endPoint;
}
