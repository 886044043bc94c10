using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using Postern.Certificates;
using Postern.EdgeSync.Auth;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Auth;

/// <summary>What counts as a token of the organization, and every forgery that is known to have worked somewhere.</summary>
public sealed class TokenTests : IDisposable
{
    private const string Issuer = "urn:uuid:0";

    private static readonly TokenWish Reader = new("anna", TokenRole.Reader, TimeSpan.FromHours(1));

    private readonly ManualTimeProvider _time = new();
    private readonly X509Certificate2 _current;
    private readonly X509Certificate2 _next;
    private readonly X509Certificate2 _previous;

    public TokenTests()
    {
        _current = AuthCertificates.Make(KeyAlgorithm.EcdsaP256, 300, _time);
        _next = AuthCertificates.Make(KeyAlgorithm.Rsa2048, 300, _time);
        _previous = AuthCertificates.Make(KeyAlgorithm.Rsa2048, 300, _time);
    }

    private DateTimeOffset Now => _time.GetUtcNow();

    public void Dispose()
    {
        _current.Dispose();
        _next.Dispose();
        _previous.Dispose();
    }

    [Theory]
    [Trait("RFC", "7519")]
    [Trait("RFC", "7515")]
    [Trait("RFC", "7518")]
    [InlineData(TokenRole.Reader, false)]
    [InlineData(TokenRole.Operator, false)]
    [InlineData(TokenRole.Admin, true)]
    public async Task A_token_says_who_and_what_for(TokenRole role, bool isRsa)
    {
        string token = Issue(Reader with { Role = role }, isRsa ? _previous : _current);

        Assert.Equal(new TokenIdentity("anna", role), await Validator().ValidateAsync(token, CancellationToken.None));
        Assert.Equal(isRsa ? "RS256" : "ES256", (string?)Header(token)["alg"]);
        Assert.Equal(Base64UrlEncoder.Encode(SHA256.HashData((isRsa ? _previous : _current).RawData)), (string?)Header(token)["kid"]);
    }

    [Fact]
    public async Task The_current_the_previous_and_the_next_one_from_its_time_on_count()
    {
        string current = Issue(Reader, _current), previous = Issue(Reader, _previous), next = Issue(Reader, _next);

        await Validator().ValidateAsync(current, CancellationToken.None);
        await Validator().ValidateAsync(previous, CancellationToken.None);
        await RefusedAsync("signer", next);
        await RefusedAsync("signer", previous, Validator(Configuration() with { Previous = default }));
        _time.Advance(TimeSpan.FromMinutes(30));
        await Validator().ValidateAsync(next, CancellationToken.None);
    }

    [Fact]
    public async Task A_token_lives_as_long_as_it_says_and_clocks_may_differ_by_two_minutes()
    {
        string token = Issue(Reader, _current);
        _time.Advance(TimeSpan.FromHours(1) + TokenValidator.ClockSkew - TimeSpan.FromSeconds(1));
        await Validator().ValidateAsync(token, CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(1));
        await RefusedAsync("expired", token);

        string early = TokenIssuer.Issue(_current, Issuer, Reader, Now + TokenValidator.ClockSkew + TimeSpan.FromSeconds(2)).Token;
        await RefusedAsync("notYetValid", early);
    }

    [Fact]
    public async Task A_token_for_one_node_is_for_that_one_whatever_the_case_and_for_no_other()
    {
        string mine = Issue(Reader with { Node = "EDGE1.example.net" }, _current);

        await Validator().ValidateAsync(mine, CancellationToken.None);
        await RefusedAsync("audience", mine, Validator(fqdn: "edge2.example.net"));
        await RefusedAsync("issuer", TokenIssuer.Issue(_current, "urn:uuid:1", Reader, Now).Token);
    }

    [Fact]
    public async Task Nobody_signs_for_others()
    {
        using X509Certificate2 foreign = AuthCertificates.Make(KeyAlgorithm.EcdsaP256, 300, _time);
        string good = Issue(Reader, _current);
        string[] parts = good.Split('.');

        await RefusedAsync("signer", Issue(Reader, foreign));

        // The foreign key under the name of ours.
        await RefusedAsync("signature", Sign(Header(good), Payload(good), foreign));

        // Another role under our signature.
        JsonObject admin = Payload(good);
        admin["role"] = "admin";
        await RefusedAsync("signature", $"{parts[0]}.{Encode(admin)}.{parts[2]}");
        await RefusedAsync("signature", $"{parts[0]}.{parts[1]}.{new string('A', parts[2].Length)}");

        // An ECDSA signature of zeros (CVE-2022-21449), and none.
        await RefusedAsync("signature", $"{parts[0]}.{parts[1]}.{Base64UrlEncoder.Encode(new byte[64])}");
        await RefusedAsync("signature", $"{parts[0]}.{parts[1]}.");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("nOnE")]
    [InlineData("")]
    public async Task None_is_no_algorithm(string word)
    {
        JsonObject header = Header(Issue(Reader, _current));
        header["alg"] = word;

        TokenException refused = await Assert.ThrowsAsync<TokenException>(() => Validator().ValidateAsync($"{Encode(header)}.{Encode(Payload(Issue(Reader, _current)))}.", CancellationToken.None));
        Assert.Contains(refused.Code, (string[])["algorithm", "malformed"]);
    }

    [Theory]
    [InlineData("HS256")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    public async Task The_public_key_is_no_shared_secret(string word)
    {
        foreach (X509Certificate2 one in (X509Certificate2[])[_current, _previous])
        {
            string good = Issue(Reader, one);
            JsonObject header = Header(good);
            header["alg"] = word;
            string signed = $"{Encode(header)}.{Encode(Payload(good))}";
            byte[][] secrets = [one.RawData, one.PublicKey.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(one.ExportCertificatePem()), Encoding.ASCII.GetBytes(one.PublicKey.GetECDsaPublicKey()?.ExportSubjectPublicKeyInfoPem() ?? ""), []];
            foreach (byte[] secret in secrets)
            {
                byte[] text = Encoding.ASCII.GetBytes(signed);
                byte[] mac = word switch { "HS256" => HMACSHA256.HashData(secret, text), "HS384" => HMACSHA384.HashData(secret, text), _ => HMACSHA512.HashData(secret, text) };
                await RefusedAsync("algorithm", $"{signed}.{Base64UrlEncoder.Encode(mac)}");
            }
        }
    }

    [Fact]
    public async Task A_token_cannot_bring_its_own_key()
    {
        using X509Certificate2 foreign = AuthCertificates.Make(KeyAlgorithm.EcdsaP256, 300, _time);
        string good = Issue(Reader, _current);
        foreach ((string name, JsonNode value) in ((string, JsonNode)[])[("x5c", new JsonArray(Convert.ToBase64String(foreign.RawData))), ("jku", "https://127.0.0.1:1/keys"), ("x5u", "https://127.0.0.1:1/x"), ("jwk", new JsonObject { ["kty"] = "EC" })])
        {
            JsonObject header = Header(good);
            header[name] = value;
            await RefusedAsync("signature", Sign(header, Payload(good), foreign));
        }

        JsonObject critical = Header(good);
        critical["crit"] = new JsonArray("exp");
        await RefusedAsync("malformed", Sign(critical, Payload(good), _current));
        JsonObject other = Header(good);
        other["kid"] = "../../../dev/null";
        await RefusedAsync("signer", Sign(other, Payload(good), _current));
    }

    [Fact]
    public async Task What_signs_right_and_says_too_much_or_too_little_counts_for_nothing()
    {
        string good = Issue(Reader, _current);
        foreach (string claim in (string[])["sub", "role", "aud", "iss", "exp"])
        {
            JsonObject payload = Payload(good);
            payload.Remove(claim);
            await Assert.ThrowsAsync<TokenException>(() => Validator().ValidateAsync(Sign(Header(good), payload, _current), CancellationToken.None));
        }

        foreach (string role in (string[])["Admin", "root", "0", "reader,admin", ""])
        {
            JsonObject payload = Payload(good);
            payload["role"] = role;
            await RefusedAsync("claims", Sign(Header(good), payload, _current));
        }

        JsonObject longer = Payload(good);
        longer["exp"] = (Now + TokenIssuer.MaxReaderLifetime + TimeSpan.FromSeconds(2)).ToUnixTimeSeconds();
        await RefusedAsync("lifetime", Sign(Header(good), longer, _current));
    }

    [Fact]
    public async Task Rubbish_is_no_token()
    {
        foreach (string rubbish in (string[])["", ".", "..", "...", "a.b.c", "e30.e30.e30", new string('a', TokenValidator.MaxLength + 1), "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0.a.b.c.d", "\0.\0.\0", "ünïcode.x.y"])
        {
            await RefusedAsync("malformed", rubbish);
        }

        TokenException nobody = await Assert.ThrowsAsync<TokenException>(() => new TokenValidator(_ => Task.FromResult<AuthConfiguration?>(null), "edge1.example.net", _time).ValidateAsync(Issue(Reader, _current), CancellationToken.None));
        Assert.Equal("noKeys", nobody.Code);
    }

    [Fact]
    public async Task A_token_cut_short_or_changed_anywhere_counts_for_nothing()
    {
        string good = Issue(Reader, _current);
        for (int i = 0; i < good.Length; i++)
        {
            await Assert.ThrowsAsync<TokenException>(() => Validator().ValidateAsync(good[..i], CancellationToken.None));
            if (good[i] != '.' && i != good.Length - 1)
            {
                string changed = $"{good[..i]}{(good[i] == 'A' ? 'B' : 'A')}{good[(i + 1)..]}";
                await Assert.ThrowsAsync<TokenException>(() => Validator().ValidateAsync(changed, CancellationToken.None));
            }
        }
    }

    [Theory]
    [InlineData(TokenRole.Reader, 30 * 24)]
    [InlineData(TokenRole.Operator, 24)]
    [InlineData(TokenRole.Admin, 24)]
    public void A_life_has_an_end(TokenRole role, int hours)
    {
        Issue(Reader with { Role = role, Lifetime = TimeSpan.FromHours(hours) }, _current);

        AuthException refused = Assert.Throws<AuthException>(() => Issue(Reader with { Role = role, Lifetime = TimeSpan.FromHours(hours) + TimeSpan.FromSeconds(1) }, _current));
        Assert.Equal("tokenLifetime", refused.Code);
        Assert.Equal("tokenSubject", Assert.Throws<AuthException>(() => Issue(Reader with { Subject = new string('a', TokenIssuer.MaxSubject + 1) }, _current)).Code);
        Assert.Equal("tokenSubject", Assert.Throws<AuthException>(() => Issue(Reader with { Subject = "a\nb" }, _current)).Code);
    }

    private AuthConfiguration Configuration() => new(Issuer, _current.RawData, _next.RawData, _previous.RawData, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) + TimeSpan.FromMinutes(30), null);

    private TokenValidator Validator(AuthConfiguration? known = null, string fqdn = "edge1.example.net") => new(_ => Task.FromResult<AuthConfiguration?>(known ?? Configuration()), fqdn, _time);

    private string Issue(TokenWish wish, X509Certificate2 signer) => TokenIssuer.Issue(signer, Issuer, wish, Now).Token;

    private async Task RefusedAsync(string code, string token, TokenValidator? validator = null)
    {
        TokenException refused = await Assert.ThrowsAsync<TokenException>(() => (validator ?? Validator()).ValidateAsync(token, CancellationToken.None));
        Assert.True(refused.Code == code, $"{refused.Code} and not {code}: {refused.Message}");
    }

    private static JsonObject Header(string token) => JsonNode.Parse(Base64UrlEncoder.Decode(token.Split('.')[0]))!.AsObject();

    private static JsonObject Payload(string token) => JsonNode.Parse(Base64UrlEncoder.Decode(token.Split('.')[1]))!.AsObject();

    private static string Encode(JsonObject part) => Base64UrlEncoder.Encode(part.ToJsonString());

    /// <summary>ES256 by hand, so that nothing is mended on the way.</summary>
    private static string Sign(JsonObject header, JsonObject payload, X509Certificate2 signer)
    {
        string text = $"{Encode(header)}.{Encode(payload)}";
        using ECDsa key = signer.GetECDsaPrivateKey()!;
        return $"{text}.{Base64UrlEncoder.Encode(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
    }
}
