using System.Globalization;
using Postern.Testing;

namespace Postern.Ldap.Server.Tests.Tls;

/// <summary>Which TLS is spoken, seen by OpenSSL's own client.</summary>
[Trait("RFC", "9325")]
public class ProtocolVersionTests
{
    [SkippableTheory]
    [InlineData(true, "TLSv1.3", "-tls1_3")]
    [InlineData(true, "TLSv1.2", "-tls1_2")]
    [InlineData(true, "ECDHE-ECDSA-CHACHA20-POLY1305", "-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305")]
    [InlineData(false, "", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")]
    [InlineData(false, "", "-tls1", "-cipher", "ALL:@SECLEVEL=0")]
    [InlineData(false, "", "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256:@SECLEVEL=0")] // CBC
    [InlineData(false, "", "-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0")] // CBC, SHA-1
    [InlineData(false, "", "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0")] // a short tag
    [InlineData(false, "", "-tls1_2", "-cipher", "kRSA:@SECLEVEL=0")] // no forward secrecy
    [InlineData(false, "", "-tls1_2", "-cipher", "aNULL:eNULL:@SECLEVEL=0")] // nobody and nothing
    public async Task Only_sound_versions_and_suites_are_spoken(bool accepted, string expected, params string[] arguments)
    {
        Peers.Require("openssl");
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        string port = server.Ldaps.Port.ToString(CultureInfo.InvariantCulture);
        CommandResult result = await ChildProcess.RunAsync(
            Peers.Find("openssl")!, ["s_client", "-connect", $"127.0.0.1:{port}", .. arguments]);
        Assert.True(result.ExitCode == 0 == accepted, result.ToString());
        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
        if (!accepted)
        {
            Assert.Matches("Cipher is \\(NONE\\)|no cipher match|no ciphers available", result.Output + result.Error);
        }
    }
}
