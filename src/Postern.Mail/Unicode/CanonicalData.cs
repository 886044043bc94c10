using System.Globalization;

namespace Postern.Mail;

/// <summary>The tables of canonical.txt, read when the first text that needs them comes by.</summary>
internal sealed class CanonicalData
{
    private readonly Dictionary<int, byte> _classes = [];

    /// <summary>Code point to its one or two parts; 0 for no second.</summary>
    public Dictionary<int, (int First, int Second)> Decompositions { get; } = [];

    public Dictionary<(int First, int Second), int> Compositions { get; } = [];

    /// <summary>Canonical combining class; 0 for a starter.</summary>
    public int ClassOf(int point) => _classes.GetValueOrDefault(point);

    public static CanonicalData Load()
    {
        CanonicalData data = new();
        using StreamReader lines = new(typeof(CanonicalData).Assembly.GetManifestResourceStream("canonical.txt")!);
        while (lines.ReadLine() is { } line)
        {
            string[] fields = line.Split(' ');
            switch (fields[0])
            {
                case "D":
                    data.Decompositions[Hex(fields[1])] = (Hex(fields[2]), Hex(fields[3]));
                    data.Compositions[(Hex(fields[2]), Hex(fields[3]))] = Hex(fields[1]);
                    break;
                case "S":
                    data.Decompositions[Hex(fields[1])] = (Hex(fields[2]), fields.Length > 3 ? Hex(fields[3]) : 0);
                    break;
                case "C":
                    for (int point = Hex(fields[1]); point <= Hex(fields[2]); point++)
                    {
                        data._classes[point] = byte.Parse(fields[3], CultureInfo.InvariantCulture);
                    }

                    break;
            }
        }

        return data;
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
