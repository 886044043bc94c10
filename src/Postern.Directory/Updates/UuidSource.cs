using System.Security.Cryptography;

namespace Postern.Directory.Updates;

/// <summary>Random UUIDs (RFC 9562 section 5.4) from buffered random octets: one system call for many.</summary>
internal sealed class UuidSource
{
    private const int UuidBytes = 16;
    private readonly byte[] _random = new byte[UuidBytes * 256];
    private readonly Lock _gate = new();
    private int _used = int.MaxValue;

    public Guid Next()
    {
        Span<byte> uuid = stackalloc byte[UuidBytes];
        lock (_gate)
        {
            if (_used >= _random.Length)
            {
                RandomNumberGenerator.Fill(_random);
                _used = 0;
            }

            _random.AsSpan(_used, UuidBytes).CopyTo(uuid);
            _used += UuidBytes;
        }

        uuid[6] = (byte)((uuid[6] & 0x0f) | 0x40); // version 4
        uuid[8] = (byte)((uuid[8] & 0x3f) | 0x80); // the variant of RFC 9562
        return new Guid(uuid, bigEndian: true);
    }
}
