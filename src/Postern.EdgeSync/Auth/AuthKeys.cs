using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.EdgeSync.Enrolment;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Auth;

/// <summary>The auth configuration as one look saw it.</summary>
internal sealed record AuthState(AuthConfiguration Configuration, IReadOnlyList<StoredAuthKey> Keys)
{
    public static async Task<AuthState?> ReadAsync(IDirectory organization, CancellationToken cancellationToken) =>
        await AuthEntry.FindAsync(organization, OrganizationLayout.Auth, cancellationToken) is { } entry
            ? new AuthState(
                AuthEntry.Read(entry),
                [.. (entry.Find(PosternAttributes.AuthKey)?.Values ?? []).Select(value => new StoredAuthKey(value.ToArray(), AuthKeyRecord.Read(value.Span)))])
            : null;

    public IEnumerable<StoredAuthKey> Of(string certificate, string hub) =>
        Keys.Where(one => one.Record is { } record && record.Certificate == certificate && string.Equals(record.Hub, hub, StringComparison.OrdinalIgnoreCase));
}

/// <summary>
/// Sees to it that every hub has the keys of the current and of the next auth certificate (docs/adr/0012): each hub that has one seals it
/// for those that lack it, and seals what it was given anew, for itself, so that the others know that it took it.
/// </summary>
internal sealed class AuthKeys(HubIdentity hub, TimeProvider time, ILogger log)
{
    /// <summary>What a hub may take to look: two of its five minutes, and some. Later it is called unreachable. Ours.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private readonly HashSet<string> _missed = [];

    /// <param name="der">An auth certificate.</param>
    /// <returns>With its key; null when this hub has none.</returns>
    public X509Certificate2? TryOpen(AuthState state, ReadOnlyMemory<byte> der, out string reason)
    {
        reason = "no key was sealed for this hub";
        if (der.IsEmpty)
        {
            return null;
        }

        foreach (StoredAuthKey stored in state.Of(CertificatePin.Of(der.Span).ToString(), hub.Name))
        {
            try
            {
                return stored.Record!.Open(der.Span, hub.Keys);
            }
            catch (CryptographicException e)
            {
                reason = e.Message;
            }
        }

        return null;
    }

    /// <summary>What has to change on the entry so that all hubs have what they need; empty: nothing.</summary>
    public IReadOnlyList<Modification> Share(AuthState state, IReadOnlyList<HubServer> all)
    {
        ReadOnlyMemory<byte>[] wanted = [.. new[] { state.Configuration.Current, state.Configuration.Next }.Where(one => !one.IsEmpty)];
        HashSet<string> pins = [.. wanted.Select(one => CertificatePin.Of(one.Span).ToString())];
        List<ReadOnlyMemory<byte>> gone =
        [
            .. state.Keys.Where(one => one.Record is not { } record || !pins.Contains(record.Certificate) || !all.Any(server => Same(server.Name, record.Hub))).Select(one => one.Octets),
        ];
        List<AuthKeyRecord> added = [];
        foreach (ReadOnlyMemory<byte> der in wanted)
        {
            string pin = CertificatePin.Of(der.Span).ToString();
            using X509Certificate2? own = TryOpen(state, der, out string reason);
            if (own is null)
            {
                if (_missed.Add(pin))
                {
                    AuthLog.NoKey(log, pin, reason);
                }

                continue;
            }

            _missed.Remove(pin);
            foreach (HubServer server in all.Where(one => one.Certificate is not null))
            {
                SealFor(server, own, pin, state, added, gone);
            }
        }

        return
        [
            .. gone.Select(octets => new Modification(ModificationType.Delete, new LdapAttribute(PosternAttributes.AuthKey, [octets]))),
            .. added.Select(one => new Modification(ModificationType.Add, new LdapAttribute(PosternAttributes.AuthKey, [one.ToOctets()]))),
        ];
    }

    /// <summary>The key of a new certificate for all hubs.</summary>
    public IReadOnlyList<AuthKeyRecord> SealForAll(X509Certificate2 auth, IReadOnlyList<HubServer> all) =>
    [
        AuthKeyRecord.Seal(auth, hub.Name, hub.Certificate, hub.Name, time.GetUtcNow()),
        .. all.Where(one => one.Certificate is not null && !Same(one.Name, hub.Name)).Select(one => SealOne(auth, one)),
    ];

    /// <summary>What the hubs have and have not, for the decision.</summary>
    public AuthInputs Examine(AuthState state, IReadOnlyList<HubServer> all)
    {
        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyList<string> lackCurrent = Lacking(state, state.Configuration.Current, all);
        IReadOnlyList<string> lackNext = Lacking(state, state.Configuration.Next, all);
        return new AuthInputs(
            IsReadable: true,
            lackCurrent.Count == all.Count ? -1 : AuthCertificates.DaysLeft(state.Configuration.Current, now),
            lackNext.Count == all.Count ? -1 : AuthCertificates.DaysLeft(state.Configuration.Next, now),
            lackCurrent,
            lackNext,
            [.. all.Where(one => !Same(one.Name, hub.Name) && IsUnreachable(state, one, now)).Select(one => one.Name)]);
    }

    /// <returns>Names of hubs; none when there is no such certificate.</returns>
    public IReadOnlyList<string> Lacking(AuthState state, ReadOnlyMemory<byte> der, IReadOnlyList<HubServer> all) =>
        der.IsEmpty ? [] : [.. all.Where(one => !HasKey(state, der, one)).Select(one => one.Name)];

    private bool HasKey(AuthState state, ReadOnlyMemory<byte> der, HubServer server)
    {
        if (Same(server.Name, hub.Name))
        {
            using X509Certificate2? own = TryOpen(state, der, out _);
            return own is not null;
        }

        return state.Of(CertificatePin.Of(der.Span).ToString(), server.Name).Any(one => server.TrustedCertificates.Any(its => CertificatePin.Of(its.Span).ToString() == one.Record!.HubCertificate));
    }

    /// <summary>Nothing could be sealed for it, or it has not taken what was, long ago.</summary>
    private static bool IsUnreachable(AuthState state, HubServer server, DateTimeOffset now) =>
        server.Certificate is null || state.Keys.Any(one => one.Record is { } record && Same(record.Hub, server.Name) && !record.IsTaken && record.SealedAt < now - Patience);

    private void SealFor(HubServer server, X509Certificate2 auth, string pin, AuthState state, List<AuthKeyRecord> added, List<ReadOnlyMemory<byte>> gone)
    {
        bool isSelf = Same(server.Name, hub.Name);

        // What a hub is in the middle of is its own business: it seals anew what it has before a key of its own goes.
        HashSet<string> sealedFor = isSelf ? [CertificatePin.Of(hub.Certificate).ToString()] : [.. server.TrustedCertificates.Select(one => CertificatePin.Of(one.Span).ToString())];
        StoredAuthKey[] there = [.. state.Of(pin, server.Name)];
        StoredAuthKey? good = there.FirstOrDefault(one => sealedFor.Contains(one.Record!.HubCertificate) && (!isSelf || one.Record.IsTaken));
        if (good is null)
        {
            added.Add(isSelf ? AuthKeyRecord.Seal(auth, hub.Name, hub.Certificate, hub.Name, time.GetUtcNow()) : SealOne(auth, server));
            AuthLog.Shared(log, pin, server.Name);
        }

        gone.AddRange(there.Where(one => !ReferenceEquals(one, good)).Select(one => one.Octets));
    }

    private AuthKeyRecord SealOne(X509Certificate2 auth, HubServer server)
    {
        using X509Certificate2 owner = X509CertificateLoader.LoadCertificate(server.Certificate!.Value.Span);
        return AuthKeyRecord.Seal(auth, server.Name, owner, hub.Name, time.GetUtcNow());
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
