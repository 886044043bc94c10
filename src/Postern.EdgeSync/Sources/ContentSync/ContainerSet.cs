using System.Globalization;
using System.Security.Cryptography;

namespace Postern.EdgeSync.Sources.ContentSync;

/// <summary>The containers below a base at one time.</summary>
/// <param name="Digest">The sum of a hash of each id, so that their order does not matter; 32 hexadecimal digits. Null: they cannot be listed.</param>
internal sealed record ContainerSet(string? Digest, IReadOnlyList<(EntryId Id, string Dn)> All)
{
    public static ContainerSet Unknown { get; } = new(null, []);

    public static ContainerSet Of(IReadOnlyList<(EntryId Id, string Dn)> all)
    {
        UInt128 sum = 0;
        foreach ((EntryId id, _) in all)
        {
            sum = unchecked(sum + HashOf(id));
        }

        return new ContainerSet(sum.ToString("x32", CultureInfo.InvariantCulture), all);
    }

    /// <summary>Whether there are others than there were. Not when either is not known.</summary>
    public bool IsOther(string? before) => Digest is not null && before is not null && Digest != before;

    /// <summary>The one container that came, when none went and no other came; else null.</summary>
    public string? OnlyNewSince(string before)
    {
        if (Digest is null || !UInt128.TryParse(before, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 old))
        {
            return null;
        }

        UInt128 more = unchecked(UInt128.Parse(Digest, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) - old);
        return All.FirstOrDefault(one => HashOf(one.Id) == more).Dn;
    }

    private static UInt128 HashOf(EntryId id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Convert.FromHexString(id.ToString()), hash);
        return EntryId.FromBytes(hash[..EntryId.Bytes]).Value;
    }
}
