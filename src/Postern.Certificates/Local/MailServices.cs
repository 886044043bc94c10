namespace Postern.Certificates;

/// <summary>What a certificate may be bound to (fact sheet 7.2). UM and call router have no counterpart here.</summary>
[Flags]
public enum MailServices
{
    None = 0,

    /// <summary>SMTP with STARTTLS: Postfix.</summary>
    Smtp = 1,

    /// <summary>IMAP: Dovecot.</summary>
    Imap = 2,

    /// <summary>POP3: Dovecot.</summary>
    Pop = 4,

    /// <summary>HTTPS: nginx, and Postern's own (IIS of fact sheet 7.2).</summary>
    Https = 8,

    /// <summary>The listener of the edge directory.</summary>
    Ldaps = 16,

    /// <summary>What a node proves itself with to hubs and edges: direct trust.</summary>
    EdgeSync = 32,

    /// <summary>Signs the tokens of the organization: the auth certificate (fact sheet 8).</summary>
    Auth = 64,
}
