using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Postern.EdgeSync.Projection;

/// <summary>Makes the digest of projected entries, over what they are and the canonical form of what they hold.</summary>
internal sealed class ProjectedContent
{
    private readonly byte[] _preamble;
    private byte[] _canonical;

    /// <param name="form">Version of the canonical form: another form, other digests, everything is sent again.</param>
    public ProjectedContent(SyncPart part, int form, string sourceName)
    {
        _preamble = Encoding.UTF8.GetBytes($"{part.ObjectClass} {form}\n{sourceName}\n");
        _canonical = [.. _preamble, .. new byte[1024]];
    }

    /// <summary>Room for the canonical content of one entry.</summary>
    public Span<byte> Canonical(int length)
    {
        if (_canonical.Length < _preamble.Length + length)
        {
            Array.Resize(ref _canonical, (_preamble.Length + length) * 2);
        }

        return _canonical.AsSpan(_preamble.Length, length);
    }

    /// <summary>Over what was written into <see cref="Canonical"/>.</summary>
    public UInt128 Digest(int length)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_canonical.AsSpan(0, _preamble.Length + length), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
