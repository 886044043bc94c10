using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Auth;

/// <summary>
/// Tells tokens of the organization from everything else. The key comes from the auth configuration and nothing in the token has a say in
/// it but kid, which picks one; the algorithm comes from the key.
/// </summary>
/// <param name="find">The auth configuration as this node knows it now.</param>
/// <param name="fqdn">Of this node.</param>
public sealed class TokenValidator(Func<CancellationToken, Task<AuthConfiguration?>> find, string fqdn, TimeProvider time) : ITokenValidator
{
    /// <summary>Clocks may differ by this much. Ours.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(2);

    /// <summary>Characters; ours have about 600. Ours.</summary>
    public const int MaxLength = 8000;

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxLength };

    public async Task<TokenIdentity> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        JsonWebToken read = Read(token);
        AuthConfiguration known;
        try
        {
            known = await find(cancellationToken) ?? throw new TokenException("noKeys", "this node has no auth certificates yet: they come with the first synchronization");
        }
        catch (Exception e) when (e is LdapException or LdapConnectionException)
        {
            throw new TokenException("noKeys", $"the auth certificates cannot be read now: {e.Message}", e);
        }

        DateTimeOffset now = time.GetUtcNow();
        using X509Certificate2 signer = Signer(read, known, now);
        string algorithm = AuthCertificates.AlgorithmOf(signer) ?? throw new TokenException("signature", "the auth certificate has a key that signs no tokens");
        if (read.Alg != algorithm)
        {
            throw new TokenException("algorithm", $"it says that it is signed with '{read.Alg}', and the key that it names signs with {algorithm}");
        }

        using AsymmetricAlgorithm key = (AsymmetricAlgorithm?)signer.GetECDsaPublicKey() ?? signer.GetRSAPublicKey()!;
        TokenValidationResult result = await Handler.ValidateTokenAsync(token, Parameters(key, algorithm, read.Kid, known.Issuer, now));
        if (!result.IsValid)
        {
            throw Explain(result.Exception);
        }

        TokenIdentity who = Identify(read);
        if (read.ValidTo - read.IssuedAt > TokenIssuer.MaxLifetimeOf(who.Role) || new DateTimeOffset(read.IssuedAt, TimeSpan.Zero) > now + ClockSkew)
        {
            throw new TokenException("lifetime", "its life is longer than that of any token of its role, or it begins in the future");
        }

        return who;
    }

    private static JsonWebToken Read(string token)
    {
        if (token.Length > MaxLength)
        {
            throw new TokenException("malformed", $"it has {token.Length} characters; {MaxLength} are allowed");
        }

        try
        {
            JsonWebToken read = Handler.ReadJsonWebToken(token);
            return read.IsEncrypted ? throw new TokenException("malformed", "it is encrypted")
                : string.IsNullOrEmpty(read.Alg) ? throw new TokenException("malformed", "its header names no algorithm")
                : read.TryGetHeaderValue("crit", out object _) ? throw new TokenException("malformed", "its header has members that have to be understood, and are not")
                : read;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or FormatException or System.Text.Json.JsonException or InvalidOperationException)
        {
            throw new TokenException("malformed", "it is not a signed token", e);
        }
    }

    /// <summary>The certificate that kid names, of those that count now.</summary>
    private static X509Certificate2 Signer(JsonWebToken token, AuthConfiguration known, DateTimeOffset now)
    {
        foreach (ReadOnlyMemory<byte> der in known.Trusted(now))
        {
            if (TokenIssuer.KeyIdOf(der.Span) == token.Kid)
            {
                X509Certificate2 one = X509CertificateLoader.LoadCertificate(der.Span);
                if (new DateTimeOffset(one.NotAfter.ToUniversalTime()) + ClockSkew >= now)
                {
                    return one;
                }

                one.Dispose();
                throw new TokenException("signerExpired", "the auth certificate that signed it has expired");
            }
        }

        throw new TokenException("signer", "it was not signed by an auth certificate that counts here");
    }

    private TokenValidationParameters Parameters(AsymmetricAlgorithm key, string algorithm, string kid, string issuer, DateTimeOffset now)
    {
        SecurityKey security = key is ECDsa ec ? new ECDsaSecurityKey(ec) : new RsaSecurityKey((RSA)key);
        security.KeyId = kid;
        security.CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false };
        return new TokenValidationParameters
        {
            ValidAlgorithms = [algorithm],
            IssuerSigningKeyResolver = (_, _, _, _) => [security],
            TryAllIssuerSigningKeys = false,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            RequireAudience = true,
            ValidIssuer = issuer,
            ValidAudiences = [TokenIssuer.Everywhere, TokenIssuer.AudienceOf(fqdn)],
            ValidTypes = ["JWT"],
            LifetimeValidator = (notBefore, expires, _, _) =>
                (expires is { } end && now < new DateTimeOffset(end, TimeSpan.Zero) + ClockSkew ? true : throw new SecurityTokenExpiredException())
                && (notBefore is not { } begin || now >= new DateTimeOffset(begin, TimeSpan.Zero) - ClockSkew ? true : throw new SecurityTokenNotYetValidException()),
        };
    }

    private static TokenIdentity Identify(JsonWebToken token)
    {
        string subject = token.Subject ?? "";
        string? word = token.TryGetPayloadValue(TokenIssuer.RoleClaim, out string? role) ? role : null;
        return subject.Length is > 0 and <= TokenIssuer.MaxSubject && !subject.Any(char.IsControl)
            && Enum.GetValues<TokenRole>().Where(one => TokenIssuer.WordOf(one) == word).ToArray() is [var known]
                ? new TokenIdentity(subject, known)
                : throw new TokenException("claims", "it does not say whose it is, or for which role");
    }

    private static TokenException Explain(Exception? e) => e switch
    {
        SecurityTokenExpiredException => new TokenException("expired", "it has expired", e),
        SecurityTokenNotYetValidException => new TokenException("notYetValid", "it is not valid yet; compare the clocks", e),
        SecurityTokenInvalidAudienceException => new TokenException("audience", "it is for another node", e),
        SecurityTokenInvalidIssuerException => new TokenException("issuer", "another organization issued it", e),
        SecurityTokenInvalidAlgorithmException => new TokenException("algorithm", "it is signed with an algorithm that does not count here", e),
        _ => new TokenException("signature", "its signature does not fit", e),
    };
}
