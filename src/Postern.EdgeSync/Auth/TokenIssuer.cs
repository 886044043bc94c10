using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

// RFC 7519 (partial): signed tokens with iss, sub, aud, iat, nbf, exp, jti and our role; nothing nested, nothing encrypted
// RFC 7515 (partial): compact form, ES256 and RS256, kid; jwk, jku, x5c, x5u and crit are never believed
// RFC 7518 (partial): ES256 and RS256; none and HMAC are refused
// RFC 6750 (partial): the Authorization header only

namespace Postern.EdgeSync.Auth;

/// <summary>Which token is wanted.</summary>
/// <param name="Subject">Whose it is: a name for the log of who did what.</param>
/// <param name="Node">FQDN of the one node that it is for; null: all nodes of the organization.</param>
public sealed record TokenWish(string Subject, TokenRole Role, TimeSpan Lifetime, string? Node = null);

/// <param name="Token">A secret.</param>
public sealed record IssuedToken(string Token, string Id, DateTimeOffset Expires)
{
    public override string ToString() => $"token {Id} (secret)";
}

/// <summary>Signs tokens for the management API.</summary>
public static class TokenIssuer
{
    /// <summary>Lives of a token; ours. A token cannot be taken back, only the certificate that signed it.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(1);

    /// <summary>Of one that changes something.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromHours(24);

    /// <summary>Of one that only looks: monitoring has it in a file.</summary>
    public static readonly TimeSpan MaxReaderLifetime = TimeSpan.FromDays(30);

    /// <summary>Characters of a subject. Ours.</summary>
    public const int MaxSubject = 100;

    internal const string RoleClaim = "role";

    /// <summary>Audience of tokens for every node.</summary>
    internal const string Everywhere = "postern";

    public static TimeSpan MaxLifetimeOf(TokenRole role) => role == TokenRole.Reader ? MaxReaderLifetime : MaxLifetime;

    internal static string AudienceOf(string node) => $"{Everywhere}:{node.ToLowerInvariant()}";

    internal static string WordOf(TokenRole role) => role.ToString().ToLowerInvariant();

    /// <summary>RFC 7515 section 4.1.8: SHA-256 of the certificate, which is the name of the key as well.</summary>
    internal static string KeyIdOf(ReadOnlySpan<byte> der) => Base64UrlEncoder.Encode(SHA256.HashData(der));

    /// <param name="auth">With its key.</param>
    /// <exception cref="AuthException">The wish cannot be granted.</exception>
    internal static IssuedToken Issue(X509Certificate2 auth, string issuer, TokenWish wish, DateTimeOffset now)
    {
        Check(wish);
        string id = Guid.NewGuid().ToString("N");
        DateTimeOffset expires = now + wish.Lifetime;
        using AsymmetricAlgorithm key = (AsymmetricAlgorithm?)auth.GetECDsaPrivateKey() ?? auth.GetRSAPrivateKey() ?? throw new CryptographicException("the auth certificate has no key");
        SecurityKey signer = key is ECDsa ec ? new ECDsaSecurityKey(ec) : new RsaSecurityKey((RSA)key);
        signer.KeyId = KeyIdOf(auth.RawDataMemory.Span);

        // A cached provider would live longer than the key.
        signer.CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false };
        SecurityTokenDescriptor descriptor = new()
        {
            Issuer = issuer,
            Audience = wish.Node is { } node ? AudienceOf(node) : Everywhere,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            Claims = new Dictionary<string, object> { ["sub"] = wish.Subject, [RoleClaim] = WordOf(wish.Role), ["jti"] = id },
            SigningCredentials = new SigningCredentials(signer, AuthCertificates.AlgorithmOf(auth)),
        };
        return new IssuedToken(new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor), id, expires);
    }

    private static void Check(TokenWish wish)
    {
        TimeSpan most = MaxLifetimeOf(wish.Role);
        if (wish.Lifetime <= TimeSpan.Zero || wish.Lifetime > most)
        {
            throw new AuthException("tokenLifetime", $"a token for {WordOf(wish.Role)} lives {most.TotalHours:0} hours at most, not {wish.Lifetime.TotalHours:0.##}", "ask for less; a new one costs nothing");
        }

        if (wish.Subject.Length is 0 or > MaxSubject || wish.Subject.Any(char.IsControl))
        {
            throw new AuthException("tokenSubject", $"the subject has 1 to {MaxSubject} characters, none of them control characters", "say whose token it is, e.g. --subject anna");
        }
    }
}
