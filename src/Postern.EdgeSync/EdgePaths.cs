namespace Postern.EdgeSync;

/// <summary>Where an edge keeps what. Only the socketmap socket stands outside the private folder: Postfix runs as another user.</summary>
/// <param name="Root">The data folder, mode 0711.</param>
public sealed record EdgePaths(string Root)
{
    /// <summary>Mode 0700.</summary>
    public string Private => Path.Combine(Root, "private");

    public string DatabaseFile => Path.Combine(Private, "directory.db");

    public string KeysFolder => Path.Combine(Private, "keys");

    /// <summary>The key that addresses are hashed with, 32 octets, mode 0600. Apart from the data: the data alone gives no address away.</summary>
    public string AddressKeyFile => Path.Combine(KeysFolder, "address.key");

    public string ControlSocket => Path.Combine(Private, "control.sock");

    /// <summary>LDAP for this machine's administrators, mode 0600.</summary>
    public string LdapiSocket => Path.Combine(Private, "ldapi");

    /// <summary>Mode 0666.</summary>
    public string SocketmapSocket => Path.Combine(Root, "socketmap.sock");
}

/// <summary>Where a hub keeps what.</summary>
/// <param name="Root">The data folder, mode 0700.</param>
public sealed record HubPaths(string Root)
{
    public string DatabaseFile => Path.Combine(Root, "organization.db");

    /// <summary>TransportService-Cert and those before and after it, keys mode 0600. All other secrets are sealed for them, in the organization directory.</summary>
    public string KeysFolder => Path.Combine(Root, "keys");

    public string ControlSocket => Path.Combine(Root, "control.sock");

    /// <summary>Plans of dry runs, mode 0700.</summary>
    public string PlansFolder => Path.Combine(Root, "plans");

    /// <summary>The EdgeSync log, JSON lines.</summary>
    public string LogFolder => Path.Combine(Root, "logs");

    /// <summary>The audit record, JSON lines in a hash chain.</summary>
    public string AuditFolder => Path.Combine(Root, "audit");
}
