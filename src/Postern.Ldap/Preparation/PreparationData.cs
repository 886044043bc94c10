using System.Globalization;

namespace Postern.Ldap;

/// <summary>The tables of prepare.txt (Unicode 14.0.0), read when the first text that is not ASCII comes by.</summary>
internal sealed class PreparationData
{
    private readonly Dictionary<int, byte> _classes = [];
    private readonly Dictionary<int, int[]> _folds = [];

    public static Lazy<PreparationData> Shared { get; } = new(Load);

    /// <summary>Code point to the parts of one step of compatibility decomposition.</summary>
    public Dictionary<int, int[]> Decompositions { get; } = [];

    public Dictionary<(int First, int Second), int> Compositions { get; } = [];

    /// <summary>Canonical combining class; 0 for a starter.</summary>
    public int ClassOf(int point) => _classes.GetValueOrDefault(point);

    /// <summary>What a letter folds to, RFC 3454 table B.2; null when to itself.</summary>
    public int[]? Fold(int point) => _folds.GetValueOrDefault(point);

    private static PreparationData Load()
    {
        PreparationData data = new();
        using StreamReader lines = new(typeof(PreparationData).Assembly.GetManifestResourceStream("prepare.txt")!);
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
                Decompositions.Add(point, parts);
                Compositions.Add((parts[0], parts[1]), point);
                break;
            case "S" or "K":
                Decompositions.Add(point, parts);
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
