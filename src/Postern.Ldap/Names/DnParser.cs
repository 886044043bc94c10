using System.Buffers.Binary;
using System.Text;
using Postern.Ldap.Codec;

namespace Postern.Ldap;

// RFC 4514 (partial): values are text: one whose syntax is binary is refused

/// <summary>Text to name, RFC 4514 section 3. Blanks around <c>,</c>, <c>+</c> and <c>=</c> are ignored, as RFC 2253 asked.</summary>
/// <remarks>Values are text here: a value whose octets are no text (by <c>\XX</c> or <c>#hex</c>) is refused.</remarks>
internal ref struct DnParser(string text)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly System.Buffers.SearchValues<char> ValueEnds = System.Buffers.SearchValues.Create(",+\\\";<>\0");

    private readonly string _text = text;
    private int _position;
    private string? _error;

    public static bool IsType(ReadOnlySpan<char> type) => !type.Contains(';') && AttributeDescription.IsValid(type);

    public bool TryParse(out DistinguishedName dn, out string error)
    {
        dn = DistinguishedName.Root;
        error = "";
        SkipBlanks();
        if (_position == _text.Length)
        {
            return true;
        }

        List<RelativeDistinguishedName> rdns = new(4);
        do
        {
            List<(string, string)>? more = null;
            (string Type, string Value) part = ReadPart();
            while (_error is null && TryTake('+'))
            {
                more ??= [part];
                more.Add(ReadPart());
            }

            if (_error is not null)
            {
                error = _error;
                return false;
            }

            rdns.Add(RelativeDistinguishedName.Of(more is null ? new (string, string)[] { part } : more));
        }
        while (TryTake(','));

        if (_position != _text.Length)
        {
            Fail("after a value belongs , or + or the end");
            error = _error!;
            return false;
        }

        dn = new DistinguishedName([.. rdns]);
        return true;
    }

    private (string Type, string Value) ReadPart()
    {
        SkipBlanks();
        int equals = _text.IndexOf('=', _position);
        if (equals < 0)
        {
            return Fail(_position == _text.Length ? "a type=value is missing at the end" : "\"=\" is missing");
        }

        ReadOnlySpan<char> type = _text.AsSpan(_position, equals - _position).TrimEnd(' ');
        if (!IsType(type))
        {
            return Fail($"\"{type}\" is no attribute type");
        }

        string name = AttributeNames.Get(type);
        _position = equals + 1;
        SkipBlanks();
        string value = _position < _text.Length && _text[_position] == '#' ? ReadHex() : ReadText();
        return (name, value);
    }

    private string ReadText()
    {
        // Nearly all values have no escape: one search, one slice.
        int start = _position;
        int length = _text.AsSpan(start).IndexOfAny(ValueEnds);
        int end = length < 0 ? _text.Length : start + length;
        if (end == _text.Length || _text[end] is ',' or '+')
        {
            _position = end;
            return _text.AsSpan(start, end - start).TrimEnd(' ').ToString();
        }

        return ReadEscaped();
    }

    private string ReadEscaped()
    {
        StringBuilder value = new();
        List<byte> octets = [];
        int kept = 0; // up to here blanks at the end were escaped, or are followed by something
        while (_position < _text.Length && _text[_position] is not (',' or '+'))
        {
            char c = _text[_position];
            if (c == '\\')
            {
                if (!ReadEscape(value, octets))
                {
                    return "";
                }

                kept = value.Length;
                continue;
            }

            if (c is '"' or ';' or '<' or '>' or '\0')
            {
                Fail(c == '\0' ? "a NUL must be written \\00" : $"'{c}' must be written \\{c}");
                return "";
            }

            value.Append(c);
            _position++;
            if (c != ' ')
            {
                kept = value.Length;
            }
        }

        value.Length = kept;
        return value.ToString();
    }

    /// <summary>One escaped special, or a run of <c>\XX</c>: the octets of a character come one by one.</summary>
    private bool ReadEscape(StringBuilder value, List<byte> octets)
    {
        int start = _position;
        octets.Clear();
        while (_position + 2 < _text.Length && _text[_position] == '\\'
            && char.IsAsciiHexDigit(_text[_position + 1]) && char.IsAsciiHexDigit(_text[_position + 2]))
        {
            octets.Add(Convert.ToByte(_text.Substring(_position + 1, 2), 16));
            _position += 3;
        }

        if (octets.Count > 0)
        {
            try
            {
                value.Append(StrictUtf8.GetString([.. octets]));
                return true;
            }
            catch (DecoderFallbackException)
            {
                _position = start;
                Fail("the escaped octets are not UTF-8");
                return false;
            }
        }

        if (_position + 1 < _text.Length && _text[_position + 1] is '"' or '+' or ',' or ';' or '<' or '>' or '\\' or ' ' or '#' or '=')
        {
            value.Append(_text[_position + 1]);
            _position += 2;
            return true;
        }

        Fail("after \\ belongs one of \"+,;<>\\ #= or two hexadecimal digits");
        return false;
    }

    /// <summary><c>#</c> and the BER encoding of the value, RFC 4514 section 2.4.</summary>
    private string ReadHex()
    {
        const byte Utf8String = 0x0c;
        const byte PrintableString = 0x13;
        const byte TeletexString = 0x14;
        const byte Ia5String = 0x16;
        const byte BmpString = 0x1e;
        int start = _position + 1;
        int end = start;
        while (end < _text.Length && char.IsAsciiHexDigit(_text[end]))
        {
            end++;
        }

        byte[] ber = (end - start) % 2 == 0 ? Convert.FromHexString(_text.AsSpan(start, end - start)) : [];
        if (BerHeader.TryRead(ber, out byte tag, out int header, out int length) != BerStatus.Ok || length != ber.Length - header)
        {
            Fail("after # belongs the hexadecimal BER encoding of one value");
            return "";
        }

        ReadOnlySpan<byte> content = ber.AsSpan(header);
        string? value = tag switch
        {
            BerTag.OctetString or Utf8String or PrintableString or TeletexString or Ia5String when System.Text.Unicode.Utf8.IsValid(content) =>
                StrictUtf8.GetString(content),
            BmpString when length % 2 == 0 && IsUtf16(content) => Encoding.BigEndianUnicode.GetString(content),
            _ => null,
        };
        if (value is null)
        {
            Fail("the value after # is no text");
            return "";
        }

        _position = end;
        SkipBlanks();
        return value;
    }

    private static bool IsUtf16(ReadOnlySpan<byte> content)
    {
        for (int i = 0; i < content.Length; i += 2)
        {
            if (char.IsSurrogate((char)BinaryPrimitives.ReadUInt16BigEndian(content[i..])))
            {
                return false; // BMPString has no surrogates
            }
        }

        return true;
    }

    private void SkipBlanks()
    {
        while (_position < _text.Length && _text[_position] == ' ')
        {
            _position++;
        }
    }

    private bool TryTake(char c)
    {
        if (_position < _text.Length && _text[_position] == c)
        {
            _position++;
            return true;
        }

        return false;
    }

    private (string, string) Fail(string what)
    {
        _error ??= $"name, character {_position + 1}: {what}";
        return ("", "");
    }
}
