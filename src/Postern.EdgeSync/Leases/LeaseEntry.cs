using System.Globalization;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Leases;

/// <summary>The lease as an entry of the edge directory (posternLease). The edge makes it and never deletes it: a fence that fell would let
/// a hub in that was shut out long ago.</summary>
/// <param name="Octets">Of posternEdgeSyncLease; empty when nobody has it.</param>
internal sealed record LeaseEntry(long Fence, ReadOnlyMemory<byte> Octets)
{
    /// <summary>Before the first hub.</summary>
    private const long FirstFence = 0;

    public LeaseDocument? Document { get; } = Octets.IsEmpty ? null : LeaseDocument.Read(Octets.Span);

    public static string Print(long fence) => fence.ToString(CultureInfo.InvariantCulture);

    /// <exception cref="LdapException">noSuchObject when the edge has none, or one without a fence.</exception>
    public static async Task<LeaseEntry> ReadAsync(IDirectory directory, CancellationToken cancellationToken)
    {
        SearchRequest request = SearchRequest.ReadEntry(EdgeLayout.Lease, PosternAttributes.EdgeSyncLease, PosternAttributes.Fence);
        await foreach (LdapEntry entry in directory.SearchAsync(request, cancellationToken))
        {
            if (long.TryParse(entry.FirstString(PosternAttributes.Fence), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long fence))
            {
                return new LeaseEntry(fence, entry.Find(PosternAttributes.EdgeSyncLease) is { Values: [{ } octets, ..] } ? octets.ToArray() : default);
            }
        }

        throw new LdapException(LdapResultCode.NoSuchObject, $"{EdgeLayout.Lease}: there is no lease with a fence");
    }

    /// <summary>True of the entry as long as nobody has changed it since it was read. The lease is in it and not only the fence: a holder that
    /// renewed its lock meanwhile is not gone.</summary>
    public Filter AsItWas() => new AndFilter(
    [
        HasFence(Fence),
        Octets.IsEmpty ? new NotFilter(new PresentFilter(PosternAttributes.EdgeSyncLease)) : Filter.Equal(PosternAttributes.EdgeSyncLease, Octets),
    ]);

    public static Filter HasFence(long fence) => Filter.Equal(PosternAttributes.Fence, Print(fence));

    /// <summary>On the edge itself.</summary>
    public static async Task EnsureAsync(IDirectory edge, CancellationToken cancellationToken)
    {
        LdapResult added = await edge.AddAsync(
            new AddRequest(
                EdgeLayout.Lease,
                new LdapAttribute("objectClass", PosternClasses.Lease),
                new LdapAttribute("cn", "lease"),
                new LdapAttribute(PosternAttributes.Fence, Print(FirstFence))),
            cancellationToken);
        if (added.Code != LdapResultCode.EntryAlreadyExists)
        {
            added.ThrowIfFailed($"add {EdgeLayout.Lease}");
        }
    }

    /// <summary>On the edge itself: takes the lease from whoever has it. What hubs remember of the edge no longer counts; the next to come
    /// gets the lease without waiting.</summary>
    public static ModifyRequest ToBreak() => new(
        EdgeLayout.Lease,
        new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.EdgeSyncLease, Array.Empty<ReadOnlyMemory<byte>>())),
        new Modification(ModificationType.Increment, new LdapAttribute(PosternAttributes.Fence, "1")));

    /// <summary>On the edge itself, at its start: its data may be those of a backup. What hubs remember of them no longer counts; the holder
    /// stays the holder.</summary>
    public static ModifyRequest ToAdvance() => new(
        EdgeLayout.Lease, new Modification(ModificationType.Increment, new LdapAttribute(PosternAttributes.Fence, "1")));
}
