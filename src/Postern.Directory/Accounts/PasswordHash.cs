using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Postern.Directory;

public enum PasswordStrength
{
    /// <summary>A person may have chosen it: hashed slowly.</summary>
    Chosen,

    /// <summary>At least 256 random bits: guessing is hopeless at any speed, so a fast salted hash is enough.</summary>
    Random,
}

/// <summary>
/// Stored forms of a password, with a scheme prefix as in RFC 3112 (userPassword of RFC 2307 and its kin):
/// <c>{PBKDF2-SHA512}iterations$salt$hash</c> for passwords that a person may have chosen, and <c>{SSHA512}hash+salt</c> for random
/// secrets, where slowness protects nothing and would let anybody who knows a name burn the edge's processor. Parts are base64.
/// </summary>
public static class PasswordHash
{
    /// <summary>OWASP Password Storage Cheat Sheet 2023, for PBKDF2-HMAC-SHA512. Some 0.1 s.</summary>
    internal const int Iterations = 210_000;

    /// <summary>A stored form that asks for more is not believed: it would stall the process. Ten times today's.</summary>
    private const int MaxIterations = 10 * Iterations;

    private const int SaltBytes = 16;
    private const string SlowScheme = "{PBKDF2-SHA512}";
    private const string FastScheme = "{SSHA512}";

    public static byte[] Create(ReadOnlySpan<byte> password, PasswordStrength strength)
    {
        Span<byte> salt = stackalloc byte[SaltBytes];
        RandomNumberGenerator.Fill(salt);
        string text = strength == PasswordStrength.Chosen
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{SlowScheme}{Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Slow(password, salt, Iterations))}")
            : $"{FastScheme}{Convert.ToBase64String([.. Fast(password, salt), .. salt])}";
        return Encoding.ASCII.GetBytes(text);
    }

    /// <summary>Constant time for a given stored form. Everything that is no stored form is false.</summary>
    public static bool Verify(ReadOnlySpan<byte> password, ReadOnlySpan<byte> stored)
    {
        if (!TryRead(stored, out int iterations, out byte[] salt, out byte[] hash))
        {
            return false;
        }

        byte[] computed = iterations > 0 ? Slow(password, salt, iterations) : Fast(password, salt);
        return CryptographicOperations.FixedTimeEquals(computed, hash);
    }

    /// <summary>Whether this is what <see cref="Create"/> makes; anything else, scheme prefix or not, is a password in clear.</summary>
    internal static bool IsStoredForm(ReadOnlySpan<byte> value) => TryRead(value, out _, out _, out _);

    /// <summary>Whether verifying takes long enough to keep it off threads that others wait for.</summary>
    internal static bool IsSlow(ReadOnlySpan<byte> stored) => TryRead(stored, out int iterations, out _, out _) && iterations > 0;

    /// <param name="iterations">0 for the fast scheme.</param>
    private static bool TryRead(ReadOnlySpan<byte> stored, out int iterations, out byte[] salt, out byte[] hash)
    {
        (iterations, salt, hash) = (0, [], []);
        if (!Ascii.IsValid(stored))
        {
            return false;
        }

        string text = Encoding.ASCII.GetString(stored);
        if (text.StartsWith(FastScheme, StringComparison.OrdinalIgnoreCase))
        {
            if (!TryBase64(text[FastScheme.Length..], out byte[] both) || both.Length <= SHA512.HashSizeInBytes)
            {
                return false;
            }

            (hash, salt) = (both[..SHA512.HashSizeInBytes], both[SHA512.HashSizeInBytes..]);
            return true;
        }

        return text.StartsWith(SlowScheme, StringComparison.OrdinalIgnoreCase)
            && text[SlowScheme.Length..].Split('$') is [string count, string saltText, string hashText]
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out iterations)
            && iterations is > 0 and <= MaxIterations
            && TryBase64(saltText, out salt)
            && TryBase64(hashText, out hash)
            && hash.Length == SHA512.HashSizeInBytes;
    }

    private static bool TryBase64(string text, out byte[] value)
    {
        value = new byte[text.Length];
        bool valid = Convert.TryFromBase64String(text, value, out int length);
        Array.Resize(ref value, length);
        return valid;
    }

    private static byte[] Slow(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA512, SHA512.HashSizeInBytes);

    private static byte[] Fast(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData(password);
        hash.AppendData(salt);
        return hash.GetHashAndReset();
    }
}
