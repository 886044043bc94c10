using System.Security.Cryptography;
using System.Text;
using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.Organization;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization.Cycle;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Synchronization;

/// <summary>What a hub synchronizes: its sources, made once for its life, and what becomes of them on which edge.</summary>
internal sealed class HubContent : IAsyncDisposable
{
    /// <summary>Of the fingerprint of everything that this version does to entries: another number, and everything is compared again.</summary>
    private const int Form = 1;

    private readonly HubSettings _settings;
    private readonly OrganizationSource _organization;
    private readonly List<(SourceSettings Settings, ISource Source)> _sources = [];

    /// <param name="organizationChange">Ends when the organization directory may have changed; null: nobody can tell.</param>
    public HubContent(IDirectory organization, Func<CancellationToken, Task>? organizationChange, HubSettings settings, SourceFactory factory)
    {
        _settings = settings;
        _organization = new OrganizationSource(organization, organizationChange);
        foreach (SourceSettings source in settings.Sources)
        {
            _sources.Add((source, factory.Create(source)));
        }
    }

    public IReadOnlyList<ISource> SourcesOf(SyncType type) =>
        type == SyncType.Configuration ? [_organization] : [.. _sources.Select(source => source.Source)];

    public async ValueTask DisposeAsync()
    {
        await _organization.DisposeAsync();
        foreach ((_, ISource source) in _sources)
        {
            await source.DisposeAsync();
        }
    }

    /// <summary>What the organization directory does not have was deleted by an administrator, or the directory is not what it was: half of
    /// the domains do not go at once unnoticed, but the last of two does.</summary>
    public SyncContent Configuration(HubSubscription edge) => new(
        EdgeLayout.ConfigurationState,
        "configuration objects",
        [.. ConfigurationParts.All.Values],
        [new SyncSource(_organization, () => new ConfigurationProjection(_organization.Name, edge.Name, edge.Site), $"{Form} {edge.Site}")],
        Guard(_settings.ConfigurationDeleteGuard, holdWhenEmpty: false));

    /// <param name="key">The edge's.</param>
    public SyncContent Recipients(AddressHashKey key) => new(
        EdgeLayout.RecipientsState,
        "recipients",
        [SyncPart.Recipients],
        [.. _sources.Select(one => new SyncSource(
            one.Source,
            () => new RecipientProjection(one.Settings, key),
            Fingerprint(one.Settings, key)) { FullCompareInterval = one.Settings.FullCompareInterval })],
        Guard(_settings.RecipientDeleteGuard, holdWhenEmpty: true));

    private static DeleteGuard Guard(DeleteGuardSettings settings, bool holdWhenEmpty) =>
        new(settings.Share, settings.Minimum, holdWhenEmpty) { Window = settings.Window };

    /// <summary>Where it is read from may change without a reason to read everything: the source itself knows its cookies.</summary>
    private static string Fingerprint(SourceSettings settings, AddressHashKey key)
    {
        string text = string.Join(
            '\n',
            [
                $"{Form}", $"{settings.Type}", settings.BaseDn ?? "", settings.Filter, settings.IdAttribute ?? "", settings.Path ?? "",
                .. settings.ExcludedSubtrees, "", MapText(settings.Map),
            ]);
        return Convert.ToHexStringLower(HMACSHA256.HashData(key.ToBytes(), Encoding.UTF8.GetBytes(text)));
    }

    private static string MapText(RecipientMap map) => string.Join(
        '\n',
        [
            .. map.Addresses, "", map.InternalOnly ?? "", map.Disabled ?? "", map.SafeSenders ?? "", map.SafeRecipients ?? "", map.BlockedSenders ?? "",
            $"{map.MaxSafelistEntries}", map.SclDelete ?? "", map.SclReject ?? "", map.SclQuarantine ?? "", map.AntispamBypass ?? "",
        ]);
}
