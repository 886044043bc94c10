namespace Postern.Directory.Storage;

// RFC 4530 (complete): nothing to add

/// <summary>One row of <c>entry</c>.</summary>
/// <param name="Rdn">As written; a suffix has its whole name here.</param>
/// <param name="Normalized">The normal form of <paramref name="Rdn"/>.</param>
/// <param name="Created">Microseconds since 1970.</param>
/// <param name="Csn">Change sequence number: microseconds since 1970, unique and growing.</param>
/// <param name="Attributes">BER AttributeList of the user attributes.</param>
internal sealed record EntryRow(
    long Id, long Parent, string Rdn, string Normalized, Guid Uuid, long Created, long Csn, ReadOnlyMemory<byte> Attributes)
{
    /// <summary>The columns that <see cref="Read"/> expects, of a table or alias <c>e</c>.</summary>
    public const string Columns = "e.id, e.parent, e.rdn, e.norm, e.uuid, e.created, e.csn, e.attributes";

    private const int UuidBytes = 16;

    public static EntryRow Read(Statement row)
    {
        string rdn = row.Text(2);
        ReadOnlySpan<byte> uuid = row.Blob(4);
        return new EntryRow(
            row.Integer(0),
            row.Integer(1),
            rdn,
            row.IsNull(3) ? rdn : row.Text(3),
            uuid.Length == UuidBytes ? new Guid(uuid, bigEndian: true) : Guid.Empty,
            row.Integer(5),
            row.Integer(6),
            row.Blob(7).ToArray());
    }
}
