using System.Globalization;
using System.Security.Cryptography;

namespace Postern.EdgeSync.Records;

/// <summary>What a check of the audit record found.</summary>
/// <param name="Lines">That were looked at.</param>
/// <param name="Faults">File, line and what is wrong; at most <see cref="MaxFaults"/>. Empty when the record is whole.</param>
public sealed record AuditVerification(long Lines, IReadOnlyList<string> Faults)
{
    public const int MaxFaults = 100;
}

/// <summary>Follows the chain from the oldest line that is kept to the newest. A line that is none is named, and the chain goes on from the one before
/// it.</summary>
/// <param name="known">What the daemon knows, from before the reading.</param>
internal sealed class AuditCheck(AuditNote known)
{
    private const string NotWhole = "not a whole line; the machine stopped or the disk was full while it was written, or somebody changed it";

    private readonly List<string> _faults = [];
    private string? _expected;
    private long _sequence;
    private string _lastHash = "";
    private bool _sawKnown;

    public long Lines { get; private set; }

    public AuditVerification Result => new(Lines, _faults);

    public void Read(IReadOnlyList<string> files)
    {
        foreach (string path in files)
        {
            long number = 0;
            foreach (AuditLine line in AuditLine.Read(path))
            {
                if (!line.Ended && path == files[^1] && _sequence >= known.Last)
                {
                    // Just being written.
                    continue;
                }

                Lines++;
                number++;
                if (Check(line.Octets) is { } fault)
                {
                    Fault($"{Path.GetFileName(path)}, line {number}: {fault}");
                }
            }
        }
    }

    /// <summary>After the last file.</summary>
    /// <param name="mostWritten">Number of the newest line that the daemon has written by now; null: nobody knows.</param>
    public void End(long? mostWritten)
    {
        if (known.Last > 0 && _sequence < known.Last)
        {
            Fault(_sequence == 0
                ? string.Create(CultureInfo.InvariantCulture, $"no line is left, although numbers {known.First} to {known.Last} were written")
                : string.Create(CultureInfo.InvariantCulture, $"the record ends with number {_sequence}, although {known.Last} were written: its end is missing"));
        }
        else if (known.Last > 0 && !_sawKnown)
        {
            Fault(string.Create(CultureInfo.InvariantCulture, $"number {known.Last} is not as it was written"));
        }

        if (_sequence > mostWritten)
        {
            Fault(string.Create(CultureInfo.InvariantCulture, $"the record ends with number {_sequence}, although only {mostWritten} were written: lines were added"));
        }
    }

    public void Fault(string text)
    {
        if (_faults.Count < AuditVerification.MaxFaults)
        {
            _faults.Add(text);
        }
    }

    private string? Check(byte[] line)
    {
        if (AuditLine.Parse(line, out string previous) is not { } decision)
        {
            return NotWhole;
        }

        string? fault = _expected is null ? CheckFirst(decision.Sequence, previous)
            : previous != _expected ? "it does not carry the hash of the line before it: one of the two was changed, or lines between them are missing"
            : decision.Sequence != _sequence + 1 ? string.Create(CultureInfo.InvariantCulture, $"number {decision.Sequence} follows number {_sequence}")
            : null;
        _sequence = decision.Sequence;
        _expected = _lastHash = Convert.ToHexStringLower(SHA256.HashData(line));
        _sawKnown |= _sequence == known.Last && _lastHash == known.LastHash;
        return fault;
    }

    /// <summary>Older lines than the note says may be there still: it is written before they are deleted.</summary>
    private string? CheckFirst(long sequence, string previous) =>
        sequence > known.First ? string.Create(CultureInfo.InvariantCulture, $"it has number {sequence}, although the record begins with {known.First}: lines before it are missing")
        : sequence == known.First && previous != known.FirstPrevious ? "it does not carry the hash of the line before it, which was removed for its age or for the size of all"
        : null;
}
