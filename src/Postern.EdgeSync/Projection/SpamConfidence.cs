using System.Globalization;
using System.Text;

namespace Postern.EdgeSync.Projection;

/// <summary>A threshold of a recipient: the spam confidence (SCL) from which something happens to a message.</summary>
internal static class SpamConfidence
{
    /// <summary>The highest there is (fact sheet 6.2).</summary>
    public const int Most = 9;

    /// <summary>No message has it: the recipient's owner has turned the thing off.</summary>
    public const int Never = 10;

    /// <summary>Such attributes hold a threshold with a switch in front: bit 31 says that it is on (from memory, not from a document).</summary>
    private const string ExchangePrefix = "msExchMessageHygieneSCL";

    /// <summary>The bits that hold the threshold beside the switch.</summary>
    private const int ThresholdBits = 0xF;

    /// <summary>Digits of a 32-bit number, and its sign.</summary>
    private const int MaxLength = 11;

    public static bool TryRead(string attribute, ReadOnlySpan<byte> value, out int threshold)
    {
        threshold = 0;
        if (value.Length > MaxLength || !int.TryParse(Encoding.UTF8.GetString(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            return false;
        }

        threshold = !attribute.StartsWith(ExchangePrefix, StringComparison.OrdinalIgnoreCase) ? number
            : number >= 0 ? Never
            : number & ThresholdBits;
        return threshold is >= 0 and <= Most || (threshold == Never && number >= 0);
    }
}
