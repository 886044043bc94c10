using System.Globalization;
using System.Text;

namespace Postern.Ldap;

/// <summary>GeneralizedTime, RFC 4517 section 3.3.13, to UTC at a fixed width: <c>20260131235959.123456789Z</c>.</summary>
internal static class GeneralizedTimeRule
{
    /// <summary>Digits of a fraction that we keep exactly: nanoseconds. More are refused rather than cut.</summary>
    private const int MaxFractionDigits = 9;

    private const long NanosPerSecond = 1_000_000_000;

    public static bool TryNormalize(ReadOnlySpan<byte> value, out byte[] normal)
    {
        normal = [];
        if (!TryDigits(ref value, 4, 1, 9999, out int year) || !TryDigits(ref value, 2, 1, 12, out int month)
            || !TryDigits(ref value, 2, 1, DateTime.DaysInMonth(year, month), out int day) || !TryDigits(ref value, 2, 0, 23, out int hour))
        {
            return false;
        }

        int minute = 0;
        int second = 0;
        int unitSeconds = 3600; // what a fraction is a fraction of: the last unit given
        if (StartsWithDigit(value))
        {
            if (!TryDigits(ref value, 2, 0, 59, out minute))
            {
                return false;
            }

            unitSeconds = 60;
            if (StartsWithDigit(value))
            {
                if (!TryDigits(ref value, 2, 0, 60, out second)) // 60: a leap second, which is the first of the next minute here
                {
                    return false;
                }

                unitSeconds = 1;
            }
        }

        if (!TryFraction(ref value, unitSeconds, out long nanos) || !TryOffset(value, out int offsetMinutes))
        {
            return false;
        }

        long seconds = (((hour * 60L) + minute - offsetMinutes) * 60) + second + (nanos / NanosPerSecond);
        long ticks = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc).Ticks + (seconds * TimeSpan.TicksPerSecond);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        string text = new DateTime(ticks, DateTimeKind.Utc).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
        normal = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text}.{nanos % NanosPerSecond:d9}Z"));
        return true;
    }

    private static bool StartsWithDigit(ReadOnlySpan<byte> value) => value.Length > 0 && char.IsAsciiDigit((char)value[0]);

    private static bool TryDigits(ref ReadOnlySpan<byte> value, int count, int min, int max, out int number)
    {
        number = 0;
        if (value.Length < count)
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            if (!char.IsAsciiDigit((char)value[i]))
            {
                return false;
            }

            number = (number * 10) + value[i] - '0';
        }

        value = value[count..];
        return number >= min && number <= max;
    }

    private static bool TryFraction(ref ReadOnlySpan<byte> value, int unitSeconds, out long nanos)
    {
        nanos = 0;
        if (value.IsEmpty || value[0] is not ((byte)'.' or (byte)','))
        {
            return true;
        }

        value = value[1..];
        int digits = 0;
        long fraction = 0;
        while (StartsWithDigit(value))
        {
            if (++digits > MaxFractionDigits)
            {
                return false;
            }

            fraction = (fraction * 10) + value[0] - '0';
            value = value[1..];
        }

        for (int i = digits; i < MaxFractionDigits; i++)
        {
            fraction *= 10;
        }

        nanos = fraction * unitSeconds;
        return digits > 0;
    }

    private static bool TryOffset(ReadOnlySpan<byte> value, out int minutes)
    {
        minutes = 0;
        if (value.Length == 1 && value[0] == 'Z')
        {
            return true;
        }

        if (value.IsEmpty || value[0] is not ((byte)'+' or (byte)'-'))
        {
            return false; // RFC 4517: local time without a zone is not allowed
        }

        int sign = value[0] == '-' ? -1 : 1;
        value = value[1..];
        int offsetMinutes = 0;
        if (!TryDigits(ref value, 2, 0, 23, out int hours) || (!value.IsEmpty && !TryDigits(ref value, 2, 0, 59, out offsetMinutes)))
        {
            return false;
        }

        minutes = sign * ((hours * 60) + offsetMinutes);
        return value.IsEmpty;
    }
}
