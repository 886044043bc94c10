using System.Formats.Asn1;
using System.Globalization;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>How changes are asked for.</summary>
internal enum FeedKind
{
    /// <summary>DirSync control: needs the right to replicate the naming context.</summary>
    DirSync = 1,

    /// <summary>uSNChanged, with tombstones: needs to see the Deleted Objects container.</summary>
    Usn = 2,
}

/// <summary>How far one domain controller has been read. Numbers and cookies mean nothing to another one, nor to the same one after it was
/// restored from a backup, which changes its invocationId.</summary>
/// <param name="InvocationId">Octets of the attribute, of the domain controller's database.</param>
/// <param name="ServiceName">Distinguished name of its NTDS Settings.</param>
/// <param name="NamingContext">The domain that was read.</param>
/// <param name="Position">A DirSync cookie, or the digits of an update sequence number.</param>
internal sealed record ActiveDirectoryCookie(FeedKind Kind, ReadOnlyMemory<byte> InvocationId, string ServiceName, string NamingContext, ReadOnlyMemory<byte> Position)
{
    private const int Version = 1;

    /// <summary>Of <see cref="FeedKind.Usn"/>: everything up to this number has been read.</summary>
    public long Usn => long.Parse(Position.Span, NumberStyles.None, CultureInfo.InvariantCulture);

    public SourceCookie Encode()
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(Version);
            writer.WriteInteger((int)Kind);
            writer.WriteOctetString(InvocationId.Span);
            writer.WriteCharacterString(UniversalTagNumber.UTF8String, ServiceName);
            writer.WriteCharacterString(UniversalTagNumber.UTF8String, NamingContext);
            writer.WriteOctetString(Position.Span);
        }

        return new SourceCookie(writer.Encode());
    }

    /// <returns>Null: not a cookie of this version of ours.</returns>
    public static ActiveDirectoryCookie? TryDecode(SourceCookie cookie)
    {
        try
        {
            AsnReader outer = new(cookie.Octets, AsnEncodingRules.DER);
            AsnReader reader = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            if (!reader.TryReadInt32(out int version) || version != Version || !reader.TryReadInt32(out int kind) || !Enum.IsDefined((FeedKind)kind))
            {
                return null;
            }

            ActiveDirectoryCookie decoded = new(
                (FeedKind)kind,
                reader.ReadOctetString(),
                reader.ReadCharacterString(UniversalTagNumber.UTF8String),
                reader.ReadCharacterString(UniversalTagNumber.UTF8String),
                reader.ReadOctetString());
            reader.ThrowIfNotEmpty();
            return decoded.Kind == FeedKind.DirSync || long.TryParse(decoded.Position.Span, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? decoded : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
