using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

/// <summary>The logical lines of one record: comments dropped, folded lines joined, base64 decoded; all within the block's own array.</summary>
internal sealed class LdifLines(string fileName, LdifLimits limits)
{
    private byte[] _block = [];
    private int _position; // the beginning of the next physical line
    private int _nextLine;

    /// <summary>The number of the current logical line's first physical line.</summary>
    public int Line { get; private set; }

    /// <summary>The current logical line, without its end.</summary>
    public ReadOnlySpan<byte> Current => _block.AsSpan(_currentStart, _currentLength);

    private int _currentStart;
    private int _currentLength;

    public void Open(byte[] block, int firstLine)
    {
        _block = block;
        _position = 0;
        _nextLine = firstLine;
        Line = firstLine;
        int nul = block.AsSpan().IndexOf((byte)0);
        if (nul >= 0)
        {
            Line = firstLine + block.AsSpan(0, nul).Count((byte)'\n');
            throw Fail("a NUL octet: the file is not UTF-8 text, or a binary value is not base64");
        }
    }

    /// <summary>Goes to the next line that is no comment; false at the record's end.</summary>
    public bool MoveNext()
    {
        while (_position < _block.Length)
        {
            ReadLogical();
            if (_currentLength > 0 && _block[_currentStart] != '#')
            {
                return true;
            }
        }

        _currentLength = 0;
        return false;
    }

    /// <summary>Attribute description and value of the current line.</summary>
    public (string Name, ReadOnlyMemory<byte> Value) Split()
    {
        int colon = Current.IndexOf((byte)':');
        if (colon < 0)
        {
            throw Fail("\":\" is missing");
        }

        if (colon == 0)
        {
            throw Fail("nothing before \":\"");
        }

        string name;
        try
        {
            name = AttributeNames.Get(Current[..colon]);
        }
        catch (LdapProtocolException)
        {
            throw Fail("the attribute description is not UTF-8");
        }

        int kind = colon + 1 < _currentLength ? _block[_currentStart + colon + 1] : 0;
        return (name, kind switch
        {
            ':' => ReadBase64(name, colon + 2),
            '<' => throw Fail($"{name}: values by URL (\":<\") are not read; write the value itself in base64 (\"::\")"),
            _ => ReadPlain(colon + 1),
        });
    }

    /// <summary>The value as text; what it is in case it is none.</summary>
    public string Text(ReadOnlyMemory<byte> value, string what) =>
        System.Text.Unicode.Utf8.IsValid(value.Span) ? Encoding.UTF8.GetString(value.Span) : throw Fail($"{what}: not UTF-8");

    public LdifException Fail(string message) => new(fileName, Line, message);

    private void ReadLogical()
    {
        Line = _nextLine;
        if (_block[_position] == ' ')
        {
            throw Fail("a continuation line (it begins with a blank) continues nothing");
        }

        (_currentStart, _currentLength) = ReadPhysical();
        while (_position < _block.Length && _block[_position] == ' ')
        {
            (int start, int length) = ReadPhysical();
            _block.AsSpan(start + 1, length - 1).CopyTo(_block.AsSpan(_currentStart + _currentLength));
            _currentLength += length - 1;
        }

        if (_currentLength > limits.MaxLineBytes)
        {
            throw Fail($"a line of more than {limits.MaxLineBytes} octets");
        }
    }

    private (int Start, int Length) ReadPhysical()
    {
        int start = _position;
        int length = _block.AsSpan(start).IndexOf((byte)'\n');
        if (length < 0)
        {
            length = _block.Length - start;
            _position = _block.Length;
        }
        else
        {
            _position = start + length + 1;
        }

        _nextLine++;
        return length > 0 && _block[start + length - 1] == '\r' ? (start, length - 1) : (start, length);
    }

    private ReadOnlyMemory<byte> ReadPlain(int from)
    {
        while (from < _currentLength && _block[_currentStart + from] == ' ')
        {
            from++;
        }

        return _block.AsMemory(_currentStart + from, _currentLength - from);
    }

    private ReadOnlyMemory<byte> ReadBase64(string name, int from)
    {
        int start = _currentStart + from;
        return Base64.DecodeFromUtf8InPlace(_block.AsSpan(start, _currentLength - from), out int written) == OperationStatus.Done
            ? _block.AsMemory(start, written)
            : throw Fail($"{name}: not base64");
    }
}
