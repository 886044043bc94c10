using Postern.Testing;
using Postern.Transport.Services;

namespace Postern.Transport.Tests.Services;

public sealed class ServiceSettingsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Without_the_file_the_places_are_the_usual_ones()
    {
        ServiceSettings settings = ServiceSettingsFile.Read(_folder.Path);
        Assert.Equal("/etc/postfix", settings.Postfix.Folder);
        Assert.Equal("/etc/dovecot/dovecot.conf", settings.Dovecot.Configuration);
        Assert.Equal("/etc/nginx/nginx.conf", settings.Nginx.Configuration);
        Assert.Equal(20, settings.PatienceSeconds);
    }

    [Fact]
    public void A_key_that_is_left_out_keeps_its_default()
    {
        _folder.Write(ServiceSettingsFile.Name, """{ "postfix": { "enabled": false }, "dovecot": { "imapName": "imap.example.com", "imapProbes": [{ "address": "192.0.2.1:993", "implicit": true }] } }""");
        ServiceSettings settings = ServiceSettingsFile.Read(_folder.Path);
        Assert.False(settings.Postfix.Enabled);
        Assert.Equal("/etc/postfix", settings.Postfix.Folder);
        Assert.Equal(20, settings.PatienceSeconds);
        Assert.Equal(new ProbeAddress { Address = "192.0.2.1:993", Implicit = true }, Assert.Single(settings.Dovecot.ImapProbes));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{ "postfx": {} }""")]
    [InlineData("""{ "postfix": { "folder": 7 } }""")]
    [InlineData("""{ "postfix": null }""")]
    [InlineData("""{ "postfix": { "folder": null } }""")]
    [InlineData("""{ "postfix": { "postconf": "" } }""")]
    [InlineData("""{ "postfix": { "probes": [{ "address": null }] } }""")]
    [InlineData("""{ "nginx": { "sites": [null] } }""")]
    [InlineData("""{ "https": null }""")]
    [InlineData("""{ "patienceSeconds": 0 }""")]
    [InlineData("""{ "commandSeconds": 3601 }""")]
    public void What_cannot_be_meant_is_said_with_the_file_and_its_keys(string text)
    {
        string path = _folder.Write(ServiceSettingsFile.Name, text);
        ServiceException failure = Assert.Throws<ServiceException>(() => ServiceSettingsFile.Read(_folder.Path));
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Hint);
    }

    [Fact]
    public void A_file_beyond_the_limit_is_not_read()
    {
        _folder.Write(ServiceSettingsFile.Name, "{}" + new string(' ', ServiceSettingsFile.MaxBytes - 2));
        ServiceSettingsFile.Read(_folder.Path);
        _folder.Write(ServiceSettingsFile.Name, "{}" + new string(' ', ServiceSettingsFile.MaxBytes - 1));
        Assert.Equal("settings", Assert.Throws<ServiceException>(() => ServiceSettingsFile.Read(_folder.Path)).Code);
    }

    [SkippableFact]
    public async Task Root_runs_no_program_that_somebody_else_could_have_named()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "only root runs other people's words");
        string path = _folder.Write(ServiceSettingsFile.Name, """{ "postfix": { "postfix": "/tmp/mine" } }""");
        (await ChildProcess.RunAsync("chown", ["daemon", path])).MustSucceed();
        Assert.Equal("settings", Assert.Throws<ServiceException>(() => ServiceSettingsFile.Read(_folder.Path)).Code);
        (await ChildProcess.RunAsync("chown", ["root", path])).MustSucceed();
        (await ChildProcess.RunAsync("chmod", ["666", path])).MustSucceed();
        Assert.Equal("settings", Assert.Throws<ServiceException>(() => ServiceSettingsFile.Read(_folder.Path)).Code);
        (await ChildProcess.RunAsync("chmod", ["644", path])).MustSucceed();
        Assert.Equal("/tmp/mine", ServiceSettingsFile.Read(_folder.Path).Postfix.Postfix);
    }

    public void Dispose() => _folder.Dispose();
}
