namespace Postern.Output;

/// <summary>
/// Columns of plain text, two blanks apart, never wrapped or cut, so that a script can read them too.
/// </summary>
public sealed class TextTable(params string[] headings)
{
    private const string Gap = "  ";

    private readonly List<string[]> _rows = [headings];

    public TextTable Row(params string?[] cells)
    {
        _rows.Add([.. cells.Select(cell => string.IsNullOrEmpty(cell) ? "-" : PlainTextWriter.OneLine(cell))]);
        return this;
    }

    public void Write(TextWriter output)
    {
        int[] widths = [.. Enumerable.Range(0, headings.Length).Select(column => _rows.Max(row => row[column].Length))];
        foreach (string[] row in _rows)
        {
            string line = string.Join(Gap, row.Select((cell, column) => IsNumber(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column])));
            output.WriteLine(line.TrimEnd());
        }
    }

    private bool IsNumber(int column) => _rows.Count > 1 && _rows.Skip(1).All(row => row[column].All(c => char.IsAsciiDigit(c) || c is '.' or '-' or ' ')
        && row[column].Any(char.IsAsciiDigit));
}
