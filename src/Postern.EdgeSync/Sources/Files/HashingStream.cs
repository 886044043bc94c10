using System.Security.Cryptography;

namespace Postern.EdgeSync.Sources.Files;

/// <summary>Reads a file from its start and takes the SHA-256 of what is read. The file stays open.</summary>
internal sealed class HashingStream : Stream
{
    private const int DrainBytes = 64 * 1024;

    private readonly FileStream _inner;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private HashingStream(FileStream inner) => _inner = inner;

    /// <summary>The last one read; null: none was.</summary>
    public byte? LastOctet { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static HashingStream FromStartOf(FileStream inner)
    {
        inner.Position = 0;
        return new HashingStream(inner);
    }

    /// <summary>Reads what is left.</summary>
    public byte[] Finish()
    {
        byte[] rest = new byte[DrainBytes];
        while (Read(rest) > 0)
        {
        }

        return _hash.GetHashAndReset();
    }

    public override int Read(Span<byte> buffer)
    {
        int read = _inner.Read(buffer);
        _hash.AppendData(buffer[..read]);
        LastOctet = read > 0 ? buffer[read - 1] : LastOctet;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        base.Dispose(disposing);
    }
}
