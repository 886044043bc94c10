namespace Postern.Testing;

/// <summary>What a test wants of its Postfix.</summary>
public sealed record PostfixOptions
{
    /// <summary>main.cf <c>relay_domains</c>: names, or a map such as <c>socketmap:inet:127.0.0.1:PORT:domains</c>.</summary>
    public required string RelayDomains { get; init; }

    /// <summary>main.cf <c>relay_recipient_maps</c>, such as <c>socketmap:unix:/path:recipients</c>; empty: every recipient is known.</summary>
    public required string RelayRecipientMaps { get; init; }

    /// <summary>Where accepted mail goes: a port of 127.0.0.1, e.g. that of an <see cref="SmtpSink"/>; 0: nowhere, it stays queued.</summary>
    public int RelayPort { get; init; }

    /// <summary>Further lines of main.cf; they win over ours.</summary>
    public IReadOnlyList<string> MainLines { get; init; } = [];
}
