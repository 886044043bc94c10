using Postern.EdgeSync.Sources;
using Postern.Ldap;

namespace Postern.EdgeSync.Projection;

/// <summary>What becomes of a source entry.</summary>
internal enum ProjectionVerdict
{
    /// <summary>It may be replicated: digest and content are ready.</summary>
    Projected,

    /// <summary>Nothing in it may be replicated; <see cref="IProjection.Reason"/> says why.</summary>
    Skipped,

    /// <summary>All that it has is claimed by entries read before; <see cref="IProjection.Reason"/> says so.</summary>
    Conflict,
}

/// <summary>
/// Decides what of an entry leaves the organization, and in which form: an allow-list. Holds the last entry projected, so that the content
/// of entries that did not change is never built. Not thread safe: one per source and cycle.
/// </summary>
internal interface IProjection : IDisposable
{
    /// <param name="claims">What entries before this one claimed in this cycle.</param>
    ProjectionVerdict Project(in SourceEntry source, ClaimSet claims);

    /// <summary>The first 16 octets of SHA-256 over the canonical content of the last entry: equal digests, equal entries.</summary>
    UInt128 Digest { get; }

    /// <summary>Values of the last entry, also of a projected one, that were claimed before; they are left out.</summary>
    int Conflicts { get; }

    /// <summary>Why the last entry was skipped; never a readable address. Empty when it had nothing to replicate and nothing wrong.</summary>
    string Reason { get; }

    /// <summary>The last entry as an addition below <paramref name="baseDn"/>.</summary>
    AddRequest ToAdd(EntryId id, string baseDn);

    /// <summary>The last entry as a change of the one that is there.</summary>
    ModifyRequest ToModify(EntryId id, string baseDn);
}
