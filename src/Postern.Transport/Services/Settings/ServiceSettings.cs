using System.Text.Json.Serialization;

namespace Postern.Transport.Services;

/// <summary>DATA/services.json: where the services of this machine are. Every key may be left out.</summary>
/// <remarks>Settable: the generated reader would set what is left out to nothing if it were init-only.</remarks>
public sealed record ServiceSettings
{
    public PostfixSettings Postfix { get; set; } = new();

    public DovecotSettings Dovecot { get; set; } = new();

    public NginxSettings Nginx { get; set; } = new();

    public HttpsSettings Https { get; set; } = new();

    /// <summary>Seconds that a service has after its reload until it shows the new certificate. Ours: Postfix and nginx take below one.</summary>
    public int PatienceSeconds { get; set; } = 20;

    /// <summary>Seconds that a command of a service may take. Ours.</summary>
    public int CommandSeconds { get; set; } = 30;
}

/// <summary>Where a service is asked for its certificate.</summary>
public sealed record ProbeAddress
{
    /// <summary><c>127.0.0.1:25</c>, <c>[::1]:993</c>, <c>host:port</c>.</summary>
    public required string Address { get; set; }

    /// <summary>TLS from the first octet on; otherwise STARTTLS or STLS.</summary>
    public bool Implicit { get; set; }
}

public sealed record PostfixSettings
{
    /// <summary>False: this machine's Postfix is left alone.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>With main.cf in it.</summary>
    public string Folder { get; set; } = "/etc/postfix";

    /// <summary>Programs: names for PATH, or full paths.</summary>
    public string Postfix { get; set; } = "postfix";

    public string Postconf { get; set; } = "postconf";

    public string Postmap { get; set; } = "postmap";

    /// <summary>Empty: ports 25, 587 (STARTTLS) and 465 of 127.0.0.1, those that are open.</summary>
    public IReadOnlyList<ProbeAddress> Probes { get; set; } = [];
}

public sealed record DovecotSettings
{
    public bool Enabled { get; set; } = true;

    /// <summary>dovecot.conf.</summary>
    public string Configuration { get; set; } = "/etc/dovecot/dovecot.conf";

    /// <summary>What Postern writes; dovecot.conf includes it. Late in the alphabet: what comes last wins.</summary>
    public string Include { get; set; } = "/etc/dovecot/conf.d/99-postern.conf";

    /// <summary>The name that people enter in their programs, as Set-ImapSettings -X509CertificateName; null: none is checked.</summary>
    public string? ImapName { get; set; }

    public string? PopName { get; set; }

    public string Dovecot { get; set; } = "dovecot";

    public string Doveconf { get; set; } = "doveconf";

    public string Doveadm { get; set; } = "doveadm";

    /// <summary>Empty: ports 143 (STARTTLS) and 993 of 127.0.0.1, those that are open.</summary>
    public IReadOnlyList<ProbeAddress> ImapProbes { get; set; } = [];

    /// <summary>Empty: ports 110 (STLS) and 995 of 127.0.0.1, those that are open.</summary>
    public IReadOnlyList<ProbeAddress> PopProbes { get; set; } = [];
}

public sealed record NginxSettings
{
    public bool Enabled { get; set; } = true;

    /// <summary>nginx.conf.</summary>
    public string Configuration { get; set; } = "/etc/nginx/nginx.conf";

    /// <summary>Where Postern writes postern.conf, and postern-NAME.conf for each of <see cref="Sites"/>: server blocks include them.</summary>
    public string Snippets { get; set; } = "/etc/nginx/snippets";

    /// <summary>Names of server blocks that have a certificate of their own.</summary>
    public IReadOnlyList<string> Sites { get; set; } = [];

    public string Nginx { get; set; } = "nginx";

    /// <summary>Empty: port 443 of 127.0.0.1.</summary>
    public IReadOnlyList<ProbeAddress> Probes { get; set; } = [];
}

/// <summary>Postern's own listener.</summary>
public sealed record HttpsSettings
{
    public bool Enabled { get; set; } = true;

    /// <summary>Empty: where the daemon says that it listens.</summary>
    public IReadOnlyList<ProbeAddress> Probes { get; set; } = [];
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = System.Text.Json.JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(ServiceSettings))]
internal sealed partial class ServiceSettingsJson : JsonSerializerContext;
