namespace Postern.Ldap;

/// <summary>
/// Cuts a stream at empty lines. Each block is a record's lines in an array of its own, so that values can stay slices of it.
/// Memory: one buffer of the longest record, at most <see cref="LdifLimits.MaxRecordBytes"/>, and the block.
/// </summary>
internal sealed class LdifBlocks(Stream stream, string fileName, LdifLimits limits)
{
    private const int FirstBufferBytes = 256 * 1024;

    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start; // of what is not yet handed out
    private int _end;
    private int _line = 1; // of _start
    private bool _ended;
    private bool _begun;

    /// <param name="line">The number of the block's first line, counted from 1.</param>
    /// <returns>The block, each line with its end; null at the end of the stream.</returns>
    public byte[]? Next(out int line)
    {
        if (!_begun)
        {
            _begun = true;
            Begin();
        }

        SkipEmptyLines();
        line = _line;
        int lines = 0;
        int lineStart = 0; // relative to _start, as what follows: filling moves the buffer
        int searched = 0;
        while (true)
        {
            int found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                int next = searched + found + 1;
                if (IsEmpty(lineStart, next))
                {
                    return Take(lineStart, next, lines + 1);
                }

                lines++;
                lineStart = next;
                searched = next;
                continue;
            }

            searched = _end - _start;
            if (searched - lineStart > limits.MaxLineBytes)
            {
                throw new LdifException(fileName, _line + lines, $"a line of more than {limits.MaxLineBytes} octets");
            }

            if (searched > limits.MaxRecordBytes)
            {
                throw TooLong();
            }

            if (!Fill())
            {
                return searched == 0 ? null : Take(searched, searched, lines);
            }
        }
    }

    private byte[] Take(int length, int next, int lines)
    {
        if (length > limits.MaxRecordBytes)
        {
            throw TooLong();
        }

        byte[] block = _buffer.AsSpan(_start, length).ToArray();
        _start += next;
        _line += lines;
        return block;
    }

    private LdifException TooLong() => new(fileName, _line, $"a record of more than {limits.MaxRecordBytes} octets");

    private bool IsEmpty(int lineStart, int next) =>
        next - lineStart == 1 || (next - lineStart == 2 && _buffer[_start + lineStart] == '\r');

    private void SkipEmptyLines()
    {
        while (true)
        {
            while (_end - _start < 2 && Fill())
            {
            }

            int length = _start < _end && _buffer[_start] == '\n' ? 1
                : _end - _start >= 2 && _buffer[_start] == '\r' && _buffer[_start + 1] == '\n' ? 2
                : 0;
            if (length == 0)
            {
                return;
            }

            _start += length;
            _line++;
        }
    }

    /// <summary>The first octets: a UTF-8 byte order mark is skipped, UTF-16 is named for what it is.</summary>
    private void Begin()
    {
        while (_end < 3 && Fill())
        {
        }

        ReadOnlySpan<byte> head = _buffer.AsSpan(0, _end);
        if (head.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || head.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]))
        {
            throw new LdifException(fileName, 1, "the file is UTF-16; LDIF is UTF-8 (RFC 2849)");
        }

        if (head.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]))
        {
            _start = 3;
        }
    }

    /// <summary>Moves what is left to the front, doubles the buffer when it is full of one record, reads once.</summary>
    private bool Fill()
    {
        if (_ended)
        {
            return false;
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _ended = read == 0;
        return !_ended;
    }
}
