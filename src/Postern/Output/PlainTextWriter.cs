using System.Text;

namespace Postern.Output;

/// <summary>Text for a terminal. Names in foreign certificates and directories may hold anything: what would move its cursor, colour it or
/// retitle it is written as a replacement character.</summary>
public sealed class PlainTextWriter(TextWriter inner) : TextWriter
{
    private const char Replacement = '\uFFFD';

    public override Encoding Encoding => inner.Encoding;

    /// <summary>Of one cell or line: line ends too, which would forge another one.</summary>
    public static string OneLine(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(one => char.IsControl(one) ? Replacement : one)) : text;

    public override void Write(char value) => inner.Write(IsHarmless(value) ? value : Replacement);

    public override void Write(string? value) => inner.Write(value is null || value.All(IsHarmless) ? value : string.Concat(value.Select(one => IsHarmless(one) ? one : Replacement)));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value)
    {
        Write(value);
        inner.WriteLine();
    }

    public override void WriteLine() => inner.WriteLine();

    public override void Flush() => inner.Flush();

    private static bool IsHarmless(char one) => !char.IsControl(one) || one is '\n' or '\r' or '\t';
}
