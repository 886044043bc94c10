using System.Text.Json;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Certificates;

/// <summary>enable, disable and watch as an administrator gives them, with a real Postfix and a real edge.</summary>
public sealed class ServiceVerbsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Data => _folder["data"];

    [SkippableFact]
    public async Task The_default_of_smtp_changes_hands_only_with_force_where_nobody_can_be_asked()
    {
        await using PostfixFixture postfix = await StartPostfixAsync();
        string first = await NewAsync();
        string second = await NewAsync();

        JsonElement bound = await PosternProgram.JsonAsync(0, "certificate", "enable", first, "--services", "smtp", "--data", Data);
        Assert.True(bound.GetProperty("isDefaultSmtp").GetBoolean());
        Assert.Equal("applied", bound.GetProperty("programs")[0].GetProperty("state").GetString());

        CommandResult asked = await PosternProgram.RunAsync("certificate", "enable", second, "--services", "smtp", "--data", Data);
        Assert.Equal(0, asked.ExitCode);
        Assert.Contains("Overwrite the existing default SMTP certificate?", asked.Error, StringComparison.Ordinal);
        Assert.Contains(first, asked.Error, StringComparison.Ordinal);
        Assert.Contains(second, asked.Error, StringComparison.Ordinal);
        Assert.Contains("--force", asked.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("default for SMTP", asked.Output, StringComparison.Ordinal);

        bound = await PosternProgram.JsonAsync(0, "certificate", "enable", second, "--services", "smtp", "--force", "--data", Data);
        Assert.Equal(first, bound.GetProperty("previousDefault").GetString());

        await PosternProgram.MustAsync("certificate", "disable", second, "--services", "smtp", "--data", Data);
        CommandResult inUse = await PosternProgram.RunAsync("certificate", "remove", first, "--force", "--data", Data);
        Assert.Equal(1, inUse.ExitCode);
        await PosternProgram.MustAsync("certificate", "disable", first, "--services", "smtp", "--data", Data);
        await PosternProgram.MustAsync("certificate", "remove", first, "--force", "--data", Data);
        Assert.DoesNotContain("chain_files", await File.ReadAllTextAsync(Path.Combine(postfix.ConfigFolder, "main.cf")), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task What_is_not_served_is_an_error_with_its_cause_and_nothing_is_bound()
    {
        await using PostfixFixture postfix = await StartPostfixAsync(wrongPort: true);
        string one = await NewAsync();

        JsonElement error = (await PosternProgram.JsonAsync(1, "certificate", "enable", one, "--services", "smtp", "--data", Data)).GetProperty("error");

        Assert.Equal("serviceNotServed", error.GetProperty("code").GetString());
        Assert.Contains("Everything is as before", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty((await PosternProgram.JsonAsync(0, "certificate", "show", one, "--data", Data)).GetProperty("services").EnumerateArray());
    }

    [SkippableFact]
    public async Task A_renewal_of_an_acme_client_is_served_after_one_look()
    {
        await using PostfixFixture postfix = await StartPostfixAsync();
        string acme = _folder.CreateFolder("acme");
        await RenewAsync(acme);
        await PosternProgram.MustAsync("certificate", "watch", "add", acme, "--data", Data);
        JsonElement first = (await PosternProgram.JsonAsync(0, "certificate", "watch", "run", "--once", "--data", Data)).GetProperty("renewals")[0];
        Assert.Equal("takenIn", first.GetProperty("state").GetString());
        await PosternProgram.MustAsync("certificate", "enable", first.GetProperty("thumbprint").GetString()!, "--services", "smtp", "--data", Data);

        await RenewAsync(acme);
        Assert.Contains("there is a newer one", await PosternProgram.MustAsync("certificate", "watch", "list", "--data", Data), StringComparison.Ordinal);
        JsonElement second = (await PosternProgram.JsonAsync(0, "certificate", "watch", "run", "--once", "--data", Data)).GetProperty("renewals")[0];
        Assert.Equal("takenOver", second.GetProperty("state").GetString());
        Assert.Equal("applied", second.GetProperty("bound").GetProperty("programs")[0].GetProperty("state").GetString());
        Assert.NotEqual(first.GetProperty("thumbprint").GetString(), second.GetProperty("thumbprint").GetString());

        // A Postfix that cannot be seen to serve the next one: the timer has to fail.
        await RenewAsync(acme);
        await WriteSettingsAsync(postfix, LoopbackPort.Free());
        Assert.Equal(1, (await PosternProgram.RunAsync("certificate", "watch", "run", "--once", "--data", Data)).ExitCode);
    }

    [Fact]
    public async Task What_an_edge_is_known_by_is_announced_by_its_daemon()
    {
        await File.WriteAllTextAsync(_folder["nothing"], "");
        await using DaemonProcess edge = await DaemonProcess.StartEdgeAsync(Data);
        string one = await NewAsync();

        JsonElement bound = await PosternProgram.JsonAsync(0, "certificate", "enable", one, "--services", "ldaps,edgesync", "--data", Data);
        Assert.Contains("edge-cert", bound.GetProperty("programs")[0].GetProperty("steps")[0].GetString(), StringComparison.Ordinal);

        // Nobody is subscribed, so nobody is waited for; then it is the edge's own, and cannot be taken away.
        await Eventually.TrueAsync(
            async () => (await PosternProgram.JsonAsync(0, "certificate", "show", "--data", Data)).GetProperty("certificates")[0].GetProperty("sha256").GetString() == Sha256(await ListAsync(), one), () => null);
        CommandResult refused = await PosternProgram.RunAsync("certificate", "disable", one, "--services", "edgesync", "--data", Data);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("there is always one", refused.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string? Sha256(JsonElement list, string thumbprint) =>
        list.GetProperty("certificates").EnumerateArray().First(one => one.GetProperty("thumbprint").GetString() == thumbprint).GetProperty("sha256").GetString();

    private static async Task RenewAsync(string acme)
    {
        Peers.Require("openssl");
        string live = System.IO.Directory.CreateDirectory(Path.Combine(acme, "live", "mail.example.com")).FullName;
        (await ChildProcess.RunAsync("openssl",
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "90", "-subj", "/CN=mail.example.com", "-addext", "subjectAltName=DNS:mail.example.com",
                "-keyout", Path.Combine(live, "privkey.pem"), "-out", Path.Combine(live, "fullchain.pem")])).MustSucceed();
    }

    private Task<JsonElement> ListAsync() => PosternProgram.JsonAsync(0, "certificate", "list", "--data", Data);

    private async Task<string> NewAsync() =>
        (await PosternProgram.JsonAsync(0, "certificate", "new", "--domain", "mail.example.com", "--data", Data)).GetProperty("thumbprint").GetString()!;

    private async Task<PostfixFixture> StartPostfixAsync(bool wrongPort = false)
    {
        PostfixFixture postfix = await PostfixFixture.StartAsync(new PostfixOptions { RelayDomains = "example.com", RelayRecipientMaps = "" });
        System.IO.Directory.CreateDirectory(Data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await WriteSettingsAsync(postfix, wrongPort ? LoopbackPort.Free() : postfix.Port);
        return postfix;
    }

    private Task WriteSettingsAsync(PostfixFixture postfix, int port) => File.WriteAllTextAsync(Path.Combine(Data, "services.json"), $$"""
        { "patienceSeconds": 5, "postfix": { "folder": "{{postfix.ConfigFolder}}", "probes": [{ "address": "127.0.0.1:{{port}}" }] } }
        """);
}
