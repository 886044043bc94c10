namespace Postern.EdgeSync.Credentials;

/// <summary>What a record is for.</summary>
internal enum CredentialKind
{
    /// <summary>The account of a subscription file (ESBRA).</summary>
    Bootstrap,

    /// <summary>The account of one hub on one edge (ESRA).</summary>
    Replication,

    /// <summary>The key that the edge's addresses are hashed with. Ours.</summary>
    AddressKey,
}
