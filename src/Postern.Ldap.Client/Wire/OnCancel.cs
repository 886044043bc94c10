namespace Postern.Ldap.Client.Wire;

/// <summary>What becomes of a request whose caller has stopped waiting.</summary>
internal enum OnCancel
{
    /// <summary>The server is asked to drop it; whether it still took effect is unknown.</summary>
    Abandon,

    /// <summary>Without its answer nobody knows as whom the connection acts.</summary>
    EndConnection,
}
