using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Projection;

/// <summary>
/// A digest of what an entry of the edge holds, the same whether it is made of a projection or of the entry itself: kind of entry, source, addresses,
/// and every other attribute, without regard to the order of attributes or values. What the edge says its digest is (posternDigest) does not count.
/// One caller at a time.
/// </summary>
internal sealed class ContentDigest
{
    /// <summary>What makes it an entry, and not its content.</summary>
    private static readonly HashSet<string> NoContent = new(["objectClass", "cn", PosternAttributes.Digest], AttributeDescription.Comparer);

    private readonly ArrayBufferWriter<byte> _form = new();
    private readonly List<LdapAttribute> _attributes = [];

    /// <param name="claims">Address hashes that the entry has, or should have.</param>
    /// <param name="attributes">See <see cref="IProjection.Attributes"/>.</param>
    public UInt128 Of(SyncPart part, string source, ReadOnlySpan<AddressHash> claims, IReadOnlyList<LdapAttribute> attributes)
    {
        _attributes.Clear();
        _attributes.AddRange(attributes);
        _attributes.Add(new LdapAttribute(PosternAttributes.Source, source));
        if (!claims.IsEmpty)
        {
            _attributes.Add(ProjectedEntry.ClaimAttribute(claims));
        }

        return Digest(part);
    }

    /// <param name="entry">With all its user attributes.</param>
    public UInt128 Of(SyncPart part, LdapEntry entry)
    {
        _attributes.Clear();
        _attributes.AddRange(entry.Attributes.Where(attribute => !NoContent.Contains(attribute.Description)));
        return Digest(part);
    }

    private UInt128 Digest(SyncPart part)
    {
        _form.ResetWrittenCount();
        Write(part.ObjectClass);
        _attributes.Sort((one, other) => string.Compare(one.Description, other.Description, StringComparison.OrdinalIgnoreCase));
        foreach (LdapAttribute attribute in _attributes)
        {
            if (attribute.Values.Count == 0)
            {
                continue;
            }

            Write(attribute.Description.ToUpperInvariant());
            Write(attribute.Values.Count);
            ReadOnlyMemory<byte>[] values = [.. attribute.Values];
            Array.Sort(values, (one, other) => one.Span.SequenceCompareTo(other.Span));
            foreach (ReadOnlyMemory<byte> value in values)
            {
                Write(value.Length);
                _form.Write(value.Span);
            }
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_form.WrittenSpan, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    private void Write(string text)
    {
        Write(Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, _form);
    }

    private void Write(int number)
    {
        BinaryPrimitives.WriteInt32BigEndian(_form.GetSpan(sizeof(int)), number);
        _form.Advance(sizeof(int));
    }
}
