namespace Postern.EdgeSync.Diagnosis;

/// <summary>All that the doctor can find wrong. Each has a page in docs/events.</summary>
public static class FindingCodes
{
    // The way to an edge.
    public static FindingCode NameNotFound { get; } = new(
        6101, "nameNotFound", "the name service of this machine does not know the name that is dialled",
        "enter the name in DNS or /etc/hosts, or dial an address: `postern subscription set {name} --address HOST:PORT`");

    public static FindingCode PortRefused { get; } = new(
        6102, "portRefused", "the machine answers and nothing listens on that port: the edge daemon is stopped, or listens on another port",
        "on the edge: `postern edge run`, then `postern status` shows the port; a port that changed: `postern subscription set {name} --address HOST:PORT`");

    public static FindingCode PortSilent { get; } = new(
        6103, "portSilent", "packets to the port are dropped without an answer: a firewall between hub and edge, or the machine is down",
        "open TCP from this hub to the edge's LDAPS port (default 50636) in the firewall; `nc -vz HOST PORT` from this hub must succeed");

    public static FindingCode HostUnreachable { get; } = new(
        6104, "hostUnreachable", "no route leads from this machine to the edge",
        "mend the route or the address: `ip route get ADDRESS`; another address: `postern subscription set {name} --address HOST:PORT`");

    public static FindingCode NotTls { get; } = new(
        6105, "notTls", "something else than an edge listens there: what it sends is not TLS",
        "find out what listens on that port, and dial the edge's LDAPS port: `postern subscription set {name} --address HOST:PORT`");

    public static FindingCode TlsRefused { get; } = new(
        6106, "tlsRefused", "the peer speaks TLS, and neither version 1.2 nor 1.3 came about: something between hub and edge that ends TLS, or weakens it",
        "take what intercepts TLS out of the way between hub and edge; `openssl s_client -connect HOST:PORT -tls1_3` shows what answers");

    public static FindingCode ClosedBeforeTls { get; } = new(
        6107, "closedBeforeTls", "the peer took the connection and closed it without a word: the edge has no certificate, or too many connections",
        "on the edge: `postern doctor`; its log says why (events 3010 and 3012)");

    public static FindingCode SessionLost { get; } = new(
        6108, "sessionLost", "the edge took the connection and ended it, or did not answer any more",
        "on the edge: `postern doctor`; its log says why (events 3013 to 3016)");

    public static FindingCode PinMismatch { get; } = new(
        10104, "failedDirectTrustMatch", "the certificate that is shown is none of those that are pinned: another machine answers, or the edge was given a certificate behind this hub's back",
        "compare `postern subscription show {name}` on the edge with the evidence; if the edge is the right one, pair anew: `postern subscription new --force` there, import here");

    // Clocks.
    public static FindingCode ClockSkew { get; } = new(
        6120, "clockSkew", "the clocks of hub and edge are far apart",
        "set the clock that is wrong and keep both with NTP: `timedatectl set-ntp true`");

    public static FindingCode ClockSetBack { get; } = new(
        6121, "clockSetBack", "the clock of this machine is behind what was written here before: it was set back, or was ahead then",
        "set the clock and keep it with NTP: `timedatectl set-ntp true`");

    // Credentials.
    public static FindingCode NoCredential { get; } = new(
        6130, "noCredential", "this hub was not enrolled with the edge yet",
        "wait for the next look at hubs and edges on the hub that synchronizes the edge (`postern hub list`); it must run");

    public static FindingCode CredentialUnreadable { get; } = new(
        6131, "credentialUnreadable", "this hub's credentials for the edge are sealed for a certificate that it no longer has",
        "restore the folder of keys from a backup; without one the hub makes new accounts, and the hub that synchronizes the edge lets it in, or pair anew: `postern subscription new --force` on the edge, import here");

    public static FindingCode AccountUnknown { get; } = new(
        6132, "accountUnknown", "the edge does not know this hub's account, or with another password: it was subscribed anew, its subscription was removed there, or its data are of an old backup",
        "on the edge: `postern subscription new --force`; on this hub: `postern subscription import FILE --site SITE`");

    public static FindingCode AccountExpired { get; } = new(
        6133, "accountExpired", "the replication account has expired and was not renewed: this hub was stopped for longer than the account lives",
        "on the edge: `postern subscription new --force`; on this hub: `postern subscription import FILE --site SITE`");

    public static FindingCode AccountNotYetEffective { get; } = new(
        6134, "accountNotYetEffective", "the account takes effect later",
        "wait until then; if the time looks wrong, compare the clocks of hub and edge");

    public static FindingCode BootstrapExpired { get; } = new(
        6135, "bootstrapExpired", "the subscription file was not used within its life, and pairing was not finished",
        "on the edge: `postern subscription new --force`; on a hub: `postern subscription import FILE --site SITE`");

    public static FindingCode BootstrapUsed { get; } = new(
        6136, "bootstrapUsed", "the subscription file works once and was used before, by this hub or by another one",
        "on the edge: `postern subscription list` shows which hub it has; make a new file: `postern subscription new --force`");

    public static FindingCode BootstrapClosed { get; } = new(
        6123, "bootstrapClosed", "somebody tried wrong passwords at the bootstrap account, so it was closed",
        "find who it was in the edge's log (events 3302 and 3305); on the edge: `postern subscription new --force`, then import here");

    public static FindingCode LoginThrottled { get; } = new(
        6137, "loginThrottled", "too many logins from this address failed, so the edge does not listen to others for a while",
        "find who guesses in the edge's log (events 3302 and 3303), then wait; each wait is 15 minutes at most");

    public static FindingCode EdgeRefuses { get; } = new(
        6138, "edgeRefuses", "the edge answers and cannot serve: overloaded, stopping, or its store failed",
        "on the edge: `postern doctor`");

    public static FindingCode HubBarred { get; } = new(
        6139, "hubBarred", "this hub was taken out of the organization",
        "stop it; started again, it joins again");

    public static FindingCode NextCredentialRefused { get; } = new(
        1004, "nextCredentialRefused", "the newest account should be in effect and the edge refuses it; the one before it goes on",
        "on the edge: `postern doctor` says why it was not installed; hubs try it again every 5 minutes");

    public static FindingCode RenewalFailed { get; } = new(
        1006, "renewalFailed", "the account should have a successor by now and has none: the hub that makes it was stopped, or may not write its own entry",
        "start the hub; it makes a successor at its next session: `postern sync start --edge {name}`");

    public static FindingCode PairingUnfinished { get; } = new(
        6122, "pairingUnfinished", "the import was interrupted before the edge had this hub's account",
        "`postern sync start --edge {name}` goes on with it");

    // What a hub may do and find there.
    public static FindingCode RightsMissing { get; } = new(
        6140, "rightsMissing", "the account logs on and may not do what a hub must: it is not a replication account of a valid subscription",
        "on the edge: `postern subscription new --force`; on this hub: `postern subscription import FILE --site SITE`");

    public static FindingCode SchemaOlder { get; } = new(
        6141, "schemaOlder", "the edge runs an older version, which does not know everything that this hub sends",
        "upgrade Postern on the edge first, then on the hubs");

    public static FindingCode OwnedByAnother { get; } = new(
        6142, "ownedByAnother", "the edge belongs to another site or organization: two cannot synchronize one edge",
        "decide who shall have it; to take it over: `postern subscription remove {name}` and `postern subscription new` on the edge, import here");

    public static FindingCode NobodySynchronizes { get; } = new(
        6143, "nobodySynchronizes", "no hub has the lease of the edge now: none runs, or none gets through",
        "`postern sync start --edge {name}` on a hub of the site; `postern hub list` shows the hubs");

    public static FindingCode WriteRefused { get; } = new(
        6144, "writeRefused", "the edge lets this hub write and its store does not: a full or read-only disk, a damaged file",
        "on the edge: `postern doctor`; make room on the disk of its data folder");

    public static FindingCode LayoutMissing { get; } = new(
        6145, "layoutMissing", "the fixed entries of the edge directory are not there",
        "restart the edge (`postern edge run`), which makes them");

    // How synchronization stands.
    public static FindingCode NeverSynchronized { get; } = new(
        6150, "neverSynchronized", "no cycle was ever complete, so the edge defers all mail",
        "`postern sync start` on a hub of the site says why");

    public static FindingCode SynchronizationLate { get; } = new(
        6151, "synchronizationLate", "the last complete cycle is long ago: changes do not arrive, mail is answered by old data",
        "`postern sync status` and `postern doctor` on a hub of the site say why");

    public static FindingCode DeletionsHeld { get; } = new(
        6152, "deletionsHeld", "the delete guard holds deletions or losses until somebody decides",
        "`postern sync held show --edge {name}`, then `approve` or `reject`");

    public static FindingCode CycleFailed { get; } = new(
        6153, "cycleFailed", "the last cycle failed after a session was there",
        "read the evidence; `postern sync start --edge {name}` tries it again at once");

    // What a hub stands on.
    public static FindingCode OrganizationUnreachable { get; } = new(
        6160, "organizationUnreachable", "the directory that the hubs share cannot be read",
        "start that server, or mend `organization` in hub.json (URL, account, password file, CA)");

    public static FindingCode SourceUnreachable { get; } = new(
        6161, "sourceUnreachable", "the source does not answer, so its recipients stay as they are on the edges",
        "mend what the evidence says: server, account, password file, CA, or the path of source {name} in hub.json");

    // Certificates.
    public static FindingCode KeyNotUsable { get; } = new(
        1035, "keyNotUsable", "the certificate's key can neither open credentials nor prove the node: neither RSA of 2048 bits at least nor an elliptic curve that is supported",
        "replace it by one with an RSA or EC key: `postern certificate renew --role internalTransport --algorithm rsa3072`");

    public static FindingCode CertificateNotPublished { get; } = new(
        12012, "certificateNotPublished", "the organization directory does not have this hub's certificate, so nobody can seal anything for it",
        "restart the hub, which publishes it; if it stays so, the hub's account may not write its own entry in the organization directory");

    public static FindingCode CertificateUnusable { get; } = new(
        12013, "certificateUnusable", "the files of the node's own certificate cannot be used",
        "restore the folder of keys from a backup; without one, move the certificate and its key away, restart and pair anew");

    public static FindingCode CertificateExpired { get; } = new(
        12015, "internalTransportCertificateExpired", "the node's own certificate has expired; pinned peers still take it, others do not",
        "`postern certificate renew --role internalTransport`");

    public static FindingCode CertificateExpiresSoon { get; } = new(
        12017, "internalTransportCertificateExpiresSoon", "the node's own certificate expires soon and was not renewed by itself",
        "`postern certificate renew --role internalTransport`");

    public static FindingCode PeerCertificateExpired { get; } = new(
        12019, "remoteInternalTransportCertificateExpired", "the pinned certificate of the edge has expired; it is still trusted, because it is pinned",
        "on the edge: `postern certificate renew --role internalTransport`");

    public static FindingCode OtherCertificatePublished { get; } = new(
        1037, "otherCertificatePublished", "the organization directory has another certificate of this hub than the one it uses: the folder of keys is an old one, or two machines run as this hub",
        "run one machine under this name only, then restart the hub, which publishes its certificate");

    public static FindingCode CredentialNotInstalled { get; } = new(
        6215, "credentialNotInstalled", "the Credential Service cannot open what the hub sealed: for another key than this edge has, or damaged",
        "on hub {name}: `postern sync start`, which seals it anew for the certificate that is pinned there");

    public static FindingCode HubNotTrusted { get; } = new(
        6216, "hubNotTrusted", "the edge has an account of the hub and not its certificate, so the pair could not heal by itself",
        "`postern hub list` on the hub that synchronizes the edge: hub {name} must have a certificate; the next look at hubs and edges brings it");

    // The node itself.
    public static FindingCode DaemonNotRunning { get; } = new(
        6201, "daemonNotRunning", "the daemon of this data folder does not run",
        "`postern edge run` or `postern hub run`; if it ends at once, it says why on stderr");

    public static FindingCode ListenerSilent { get; } = new(
        6202, "listenerSilent", "the daemon runs and its own listener does not answer",
        "restart the daemon; look for event 3003 or 3004 in its log");

    public static FindingCode ListenerOtherCertificate { get; } = new(
        6203, "listenerOtherCertificate", "what answers on the edge's LDAPS port shows another certificate than the edge's own: another process has the port",
        "find the process that listens there: `ss -ltnp`");

    public static FindingCode StoreUnreadable { get; } = new(
        6204, "storeUnreadable", "the directory's file cannot be read",
        "`postern directory check`, then restore a backup: `postern directory restore`");

    public static FindingCode DiskLow { get; } = new(
        6205, "diskLow", "the disk of the data folder is nearly full",
        "make room; a full disk stops synchronization, lookups go on");

    public static FindingCode NotSubscribed { get; } = new(
        6210, "notSubscribed", "there is no subscription",
        "`postern subscription new` on the edge, `postern subscription import FILE --site SITE` on a hub");

    public static FindingCode FileOut { get; } = new(
        6211, "subscriptionFileOut", "a subscription file was made and no hub has used it yet",
        "`postern subscription import FILE --site SITE` on a hub before it expires, then delete every copy of the file");

    public static FindingCode NoAccount { get; } = new(
        6212, "noAccount", "the edge is subscribed and has no valid account for a hub: the pairs must be made anew",
        "`postern subscription new --force` here; `postern subscription import FILE --site SITE` on a hub");

    public static FindingCode AccountsExpire { get; } = new(
        6213, "accountsExpire", "the last valid account of a hub ends soon and has no successor",
        "`postern doctor` on hub {name} says why it was not renewed");

    public static FindingCode AddressKeyMissing { get; } = new(
        6214, "addressKeyMissing", "the key that addresses are hashed with is not there, so nobody can be looked up",
        "restore keys/address.key from a backup of the edge's keys; without one: `postern subscription new --force` and synchronize anew");

    public static FindingCode Orphaned { get; } = new(
        6225, "orphaned", "no hub has credentials here any more: the hub removed the subscription on its side, or trust was revoked here",
        "`postern subscription remove {name}` here ends it here too; to go on: `postern subscription new --force` here, import on a hub");

    /// <summary>In the order of their numbers.</summary>
    public static IReadOnlyList<FindingCode> All { get; } =
    [
        .. typeof(FindingCodes).GetProperties().Where(one => one.PropertyType == typeof(FindingCode)).Select(one => (FindingCode)one.GetValue(null)!).OrderBy(one => one.Number),
    ];
}
