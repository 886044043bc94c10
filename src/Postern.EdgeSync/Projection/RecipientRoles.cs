using Postern.EdgeSync.Settings;
using Postern.Ldap;

namespace Postern.EdgeSync.Projection;

/// <summary>What an attribute is to a recipient; it may be several things.</summary>
[Flags]
internal enum RecipientRole
{
    None = 0,
    Address = 1,
    SafeSenders = 1 << 1,
    SafeRecipients = 1 << 2,
    BlockedSenders = 1 << 3,
    SclDelete = 1 << 4,
    SclReject = 1 << 5,
    SclQuarantine = 1 << 6,

    /// <summary>The condition of <see cref="RecipientMap.InternalOnly"/> looks at it.</summary>
    InternalOnly = 1 << 7,
    Disabled = 1 << 8,
    AntispamBypass = 1 << 9,
    Safelist = SafeSenders | SafeRecipients | BlockedSenders,
    Scl = SclDelete | SclReject | SclQuarantine,
}

/// <summary>The role of each attribute description, found once and remembered: servers write one attribute the same way in every entry.</summary>
internal sealed class RecipientRoles(RecipientMap map, RecipientCondition internalOnly, RecipientCondition disabled, RecipientCondition antispamBypass)
{
    /// <summary>Descriptions remembered; entries of one source have a few dozen.</summary>
    private const int MaxKnown = 256;

    private readonly Dictionary<string, RecipientRole> _known = new(StringComparer.Ordinal);

    public RecipientRole this[string description]
    {
        get
        {
            if (!_known.TryGetValue(description, out RecipientRole role))
            {
                role = Find(description);
                if (_known.Count < MaxKnown)
                {
                    _known.Add(description, role);
                }
            }

            return role;
        }
    }

    private RecipientRole Find(string description)
    {
        RecipientRole role = map.Addresses.Any(attribute => AttributeDescription.Matches(description, attribute)) ? RecipientRole.Address : RecipientRole.None;
        foreach ((string? attribute, RecipientRole single) in (ReadOnlySpan<(string?, RecipientRole)>)
            [
                (map.SafeSenders, RecipientRole.SafeSenders),
                (map.SafeRecipients, RecipientRole.SafeRecipients),
                (map.BlockedSenders, RecipientRole.BlockedSenders),
                (map.SclDelete, RecipientRole.SclDelete),
                (map.SclReject, RecipientRole.SclReject),
                (map.SclQuarantine, RecipientRole.SclQuarantine),
            ])
        {
            role |= attribute is not null && AttributeDescription.Matches(description, attribute) ? single : RecipientRole.None;
        }

        role |= internalOnly.Concerns(description) ? RecipientRole.InternalOnly : RecipientRole.None;
        role |= disabled.Concerns(description) ? RecipientRole.Disabled : RecipientRole.None;
        return role | (antispamBypass.Concerns(description) ? RecipientRole.AntispamBypass : RecipientRole.None);
    }
}
