using Postern.EdgeSync.Sources;
using Postern.Ldap;

namespace Postern.EdgeSync.Projection;

/// <summary>What becomes of a source entry.</summary>
internal enum ProjectionVerdict
{
    /// <summary>It may be replicated: digest, claims and content are ready.</summary>
    Projected,

    /// <summary>Nothing in it may be replicated; <see cref="IProjection.Reason"/> says why.</summary>
    Skipped,
}

/// <summary>
/// Decides what of an entry leaves the organization, and in which form: an allow-list. Holds the last entry projected, so that the content
/// of entries that did not change is never built. Not thread safe: one per source and cycle.
/// </summary>
internal interface IProjection : IDisposable
{
    ProjectionVerdict Project(in SourceEntry source);

    /// <summary>What the last entry is; one of the parts of the content that the cycle is about.</summary>
    SyncPart Part { get; }

    /// <summary>The first 16 octets of SHA-256 over the canonical content of the last entry, claims included: equal digests, equal entries.</summary>
    UInt128 Digest { get; }

    /// <summary>Address hashes of the last entry, sorted and distinct. Each belongs to one entry only; which one gets it is not decided here.</summary>
    ReadOnlySpan<AddressHash> Claims { get; }

    /// <summary>Why the last entry was skipped, or what was left out of one that was projected; never a readable address. Empty when there
    /// is nothing wrong, which a skipped entry may be too: it just has nothing to replicate.</summary>
    string Reason { get; }

    /// <summary>The content of the last entry beside class, cn, digest, source and claims. An attribute that such an entry may have and
    /// this one has not stands here without values: an addition leaves it out, a change takes it away.</summary>
    IReadOnlyList<LdapAttribute> Attributes();
}
