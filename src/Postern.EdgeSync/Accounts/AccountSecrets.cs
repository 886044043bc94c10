using System.Buffers.Text;
using System.Security.Cryptography;

namespace Postern.EdgeSync.Accounts;

/// <summary>Passwords that only machines see.</summary>
internal static class AccountSecrets
{
    /// <summary>256 bits: out of reach of guessing at any speed.</summary>
    private const int PasswordBytes = 32;

    /// <summary>43 letters, digits, hyphens and underscores.</summary>
    public static string NewPassword() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(PasswordBytes));
}
