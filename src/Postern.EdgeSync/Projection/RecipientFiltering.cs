using System.Globalization;
using System.Text;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Projection;

/// <summary>What one recipient wants filtered: its safelists, its thresholds, and whether it wants nothing filtered.</summary>
internal sealed class RecipientFiltering
{
    private const int ListCount = 3;
    private const int ThresholdCount = 3;

    private static readonly string[] ListNames = [PosternAttributes.SafeSenders, PosternAttributes.SafeRecipients, PosternAttributes.BlockedSenders];

    private static readonly string[] ThresholdNames = [PosternAttributes.SclDelete, PosternAttributes.SclReject, PosternAttributes.SclQuarantine];

    /// <summary>Of recipients that say nothing: what they had before goes.</summary>
    private static readonly LdapAttribute[] Nothing =
    [
        Absent(PosternAttributes.InternalOnly), .. ListNames.Select(Absent), .. ThresholdNames.Select(Absent), Absent(PosternAttributes.AntispamBypass),
    ];

    private readonly ReadOnlyMemory<byte>[] _lists = new ReadOnlyMemory<byte>[ListCount];
    private readonly int?[] _thresholds = new int?[ThresholdCount];

    /// <summary>Safe senders, safe recipients, blocked senders; empty where there are none.</summary>
    public ReadOnlySpan<ReadOnlyMemory<byte>> Lists => _lists;

    /// <summary>Octets of all lists together.</summary>
    public int ListBytes => _lists[0].Length + _lists[1].Length + _lists[2].Length;

    /// <summary>Delete, reject, quarantine; see <see cref="SpamConfidence"/>.</summary>
    public ReadOnlySpan<int?> Thresholds => _thresholds;

    public bool Bypass { get; set; }

    /// <summary>What of it was left out, and why; null: nothing.</summary>
    public string? Fault { get; private set; }

    public void Clear()
    {
        Array.Clear(_lists);
        Array.Clear(_thresholds);
        Bypass = false;
        Fault = null;
    }

    /// <param name="role">With at least one of the safelists and thresholds.</param>
    public void Take(RecipientRole role, LdapAttribute attribute, int maxEntries)
    {
        if (attribute.Values.Count != 1)
        {
            Fault = attribute.Values.Count == 0 ? Fault : $"{attribute.Description}: {attribute.Values.Count} values; one is expected";
            return;
        }

        ReadOnlyMemory<byte> value = attribute.Values[0];
        for (int i = 0; i < ListCount; i++)
        {
            if ((role & (RecipientRole)((int)RecipientRole.SafeSenders << i)) != 0)
            {
                string? fault = Safelist.Check(value.Span, maxEntries);
                _lists[i] = fault is null ? value : default;
                Fault = fault is null ? Fault : $"{attribute.Description}: {fault}";
            }
        }

        for (int i = 0; i < ThresholdCount; i++)
        {
            if ((role & (RecipientRole)((int)RecipientRole.SclDelete << i)) != 0)
            {
                bool good = SpamConfidence.TryRead(attribute.Description, value.Span, out int threshold);
                _thresholds[i] = good ? threshold : null;
                Fault = good ? Fault : $"{attribute.Description}: no spam confidence from 0 to {SpamConfidence.Most}";
            }
        }
    }

    /// <summary>See <see cref="IProjection.Attributes"/>. What may be a slice of a message is copied.</summary>
    public static IReadOnlyList<LdapAttribute> ToAttributes(bool internalOnly, RecipientFiltering filtering)
    {
        if (!internalOnly && !filtering.Bypass && filtering.ListBytes == 0 && Array.TrueForAll(filtering._thresholds, threshold => threshold is null))
        {
            return Nothing;
        }

        LdapAttribute[] attributes = [.. Nothing];
        Set(internalOnly ? "TRUE"u8.ToArray() : null, 0);
        for (int i = 0; i < ListCount; i++)
        {
            Set(filtering._lists[i].IsEmpty ? null : filtering._lists[i].ToArray(), 1 + i);
        }

        for (int i = 0; i < ThresholdCount; i++)
        {
            Set(filtering._thresholds[i] is { } threshold ? Encoding.ASCII.GetBytes(threshold.ToString(CultureInfo.InvariantCulture)) : null, 1 + ListCount + i);
        }

        Set(filtering.Bypass ? "TRUE"u8.ToArray() : null, attributes.Length - 1);
        return attributes;

        void Set(byte[]? value, int index)
        {
            if (value is not null)
            {
                attributes[index] = new LdapAttribute(attributes[index].Description, value);
            }
        }
    }

    private static LdapAttribute Absent(string description) => new(description, (IReadOnlyList<ReadOnlyMemory<byte>>)[]);
}
