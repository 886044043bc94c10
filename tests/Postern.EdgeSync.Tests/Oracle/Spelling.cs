using System.Security.Cryptography;
using System.Text;

namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>
/// Addresses as directories write them, and what they come to: this test's own reading of docs/addresses.md, on purpose not the product's.
/// </summary>
internal static class Spelling
{
    /// <summary>Forms that mean the same, cleanest first (trap 15: prefixes, case, blanks).</summary>
    private static readonly Func<string, string>[] Forms =
    [
        address => address,
        address => "smtp:" + address,
        address => "SMTP:" + char.ToUpperInvariant(address[0]) + address[1..],
        address => "Smtp:" + address.ToUpperInvariant(),
        address => address + " ",
        address => " smtp: " + address,
    ];

    /// <summary>Values beside the addresses that are no SMTP addresses.</summary>
    private static readonly string[] Noise = ["x500:/o=Lab/ou=Exchange/cn=someone", "sip:someone@example.com", "no address at all", "@", "smtp:", "X400:c=de;a= ;p=Lab;o=x"];

    public static string Address(int number) => $"address{number}@example.com";

    public static string Write(int address, int spelling) => Forms[Math.Abs(spelling + address) % Forms.Length](Address(address));

    /// <summary>A value of no worth, now and then.</summary>
    public static string? NoiseOf(int spelling) => spelling % 3 == 0 ? Noise[spelling / 3 % Noise.Length] : null;

    /// <returns>Null: no SMTP address.</returns>
    public static string? Read(string value)
    {
        string text = value.Trim(' ');
        if (text.StartsWith("smtp:", StringComparison.OrdinalIgnoreCase))
        {
            text = text["smtp:".Length..].Trim(' ');
        }

        int at = text.IndexOf('@', StringComparison.Ordinal);
        return at <= 0 || at == text.Length - 1 || text.Contains(':', StringComparison.Ordinal) || text.Contains(' ', StringComparison.Ordinal)
            ? null
            : text.ToLowerInvariant();
    }

    /// <summary>As the edge has it: lower-case hexadecimal digits of HMAC-SHA-256.</summary>
    public static string Hash(byte[] key, string address) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(address)));
}
