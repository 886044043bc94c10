using System.Globalization;

namespace Postern.Unicode;

/// <summary>The tables of unicode-data.txt (Unicode 14.0.0), read when the first text that needs them comes by.</summary>
public sealed class UnicodeData
{
    private readonly Dictionary<int, byte> _classes = [];
    private readonly Dictionary<int, int[]> _folds = [];

    private static readonly Lazy<UnicodeData> Loaded = new(Load);

    private UnicodeData()
    {
    }

    public static UnicodeData Shared => Loaded.Value;

    /// <summary>Code point to the parts of one step of canonical decomposition.</summary>
    internal Dictionary<int, int[]> Canonical { get; } = [];

    /// <summary>The same of those that have a compatibility decomposition only.</summary>
    internal Dictionary<int, int[]> Compatibility { get; } = [];

    internal Dictionary<(int First, int Second), int> Compositions { get; } = [];

    /// <summary>Canonical combining class; 0 for a starter.</summary>
    internal int ClassOf(int point) => _classes.GetValueOrDefault(point);

    /// <summary>What a letter folds to, RFC 3454 table B.2; null when to itself.</summary>
    public int[]? Fold(int point) => _folds.GetValueOrDefault(point);

    private static UnicodeData Load()
    {
        UnicodeData data = new();
        using StreamReader lines = new(typeof(UnicodeData).Assembly.GetManifestResourceStream("unicode-data.txt")!);
        while (lines.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                data.Add(line.Split(' '));
            }
        }

        return data;
    }

    private void Add(string[] fields)
    {
        int point = Hex(fields[1]);
        int[] parts = fields[0] is "C" or "F" ? [] : Array.ConvertAll(fields[2..], Hex);
        switch (fields[0])
        {
            case "D":
                Canonical.Add(point, parts);
                Compositions.Add((parts[0], parts[1]), point);
                break;
            case "S":
                Canonical.Add(point, parts);
                break;
            case "K":
                Compatibility.Add(point, parts);
                break;
            case "M":
                _folds.Add(point, parts);
                break;
            case "C":
                for (; point <= Hex(fields[2]); point++)
                {
                    _classes.Add(point, byte.Parse(fields[3], CultureInfo.InvariantCulture));
                }

                break;
            case "F":
                int step = int.Parse(fields[3], CultureInfo.InvariantCulture);
                int distance = int.Parse(fields[4], CultureInfo.InvariantCulture);
                for (; point <= Hex(fields[2]); point += step)
                {
                    _folds.Add(point, [point + distance]);
                }

                break;
        }
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
