using System.Text;
using Postern.EdgeSync.Settings;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Settings;

public sealed class HubSettingsReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Settings_of_the_issue_are_read()
    {
        _folder.Write("reader.secret", "secret");
        _folder.Write("partners.ldif", "version: 1\n");
        string path = _folder.Write("hub.json", """
            { "site": "Default-First-Site-Name",
              "sources": [ { "name": "corp", "type": "openldap", "urls": ["ldap://127.0.0.1:3890", "ldaps://127.0.0.1:6360"], "baseDn": "dc=example,dc=com",
                             "bindDn": "cn=reader,dc=example,dc=com", "passwordFile": "reader.secret",
                             "filter": "(|(proxyAddresses=*)(mail=*))", "map": { "addresses": ["proxyAddresses", "mail"] } },
                           { "name": "partners", "type": "ldif", "path": "partners.ldif" } ] }
            """);
        HubSettings settings = HubSettingsReader.Read(path);
        Assert.Equal("Default-First-Site-Name", settings.Site);
        Assert.Equal(["corp", "partners"], settings.Sources.Select(source => source.Name));
        Assert.Equal(SourceType.OpenLdap, settings.Sources[0].Type);
        Assert.Equal(_folder["reader.secret"], settings.Sources[0].PasswordFile);
        Assert.Equal(_folder["partners.ldif"], settings.Sources[1].Path);
        Assert.Equal(TimeSpan.FromMinutes(5), settings.RecipientSyncInterval);
        Assert.Equal(TimeSpan.FromMinutes(3), settings.ConfigurationSyncInterval);
    }

    [Fact]
    public void All_faults_come_at_once_with_line_and_key()
    {
        HubSettingsException e = Assert.Throws<HubSettingsException>(() => Parse("""
            {
              "sight": "x",
              "recipientSyncInterval": 300,
              "configurationSyncInterval": "24:00:00",
              "deleteGuard": { "share": 2 },
              "sources": [
                { "name": "corp", "type": "openldap", "urls": ["http://x"],
                  "baseDn": "nonsense",
                  "bindDn": "cn=reader",
                  "filter": "(mail=*",
                  "pageSize": 0,
                  "map": { "addresses": ["1 2"] } },
                { "name": "corp", "type": "ldif",
                  "path": "missing.ldif", "urls": ["ldap://x"] },
                { "name": "other", "type": "notes" }
              ]
            }
            """));
        (int, string)[] expected =
        [
            (1, "site"), (2, "sight"), (3, "recipientSyncInterval"), (4, "configurationSyncInterval"), (5, "deleteGuard.share"),
            (7, "sources[0].urls"), (8, "sources[0].baseDn"), (7, "sources[0].passwordFile"), (10, "sources[0].filter"), (11, "sources[0].pageSize"),
            (12, "sources[0].map.addresses"), (13, "sources[1].name"), (14, "sources[1].path"), (14, "sources[1].urls"), (15, "sources[2].type"),
        ];
        Assert.Equal(expected.Order(), e.Faults.Select(fault => (fault.Line, fault.Key)).Order());
        Assert.Contains("hub.json: line 2, sight: unknown key", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", 1)]
    [InlineData("{\n \"site\": \"x\",\n oops }", 3)]
    [InlineData("", 1)]
    [InlineData("{}{}", 1)]
    public void What_is_no_json_is_named_by_line(string text, int line) =>
        Assert.Equal(line, Assert.Single(Assert.Throws<HubSettingsException>(() => Parse(text)).Faults).Line);

    [Theory]
    [InlineData("[]")]
    [InlineData("{ \"site\": \"x\", \"sources\": [] }")]
    [InlineData("{ \"site\": \"x\", \"sources\": [1] }")]
    [InlineData("{ \"site\": \"x\", \"site\": \"y\", \"sources\": [ { \"name\": \"a\", \"type\": \"ldap\", \"urls\": [\"ldap://a\"], \"baseDn\": \"o=a\" } ] }")]
    public void Wrong_shapes_are_faults(string text) => Assert.NotEmpty(Assert.Throws<HubSettingsException>(() => Parse(text)).Faults);

    [Fact]
    public void Missing_and_oversized_files_are_faults()
    {
        Assert.Throws<HubSettingsException>(() => HubSettingsReader.Read(_folder["none.json"]));
        File.WriteAllBytes(_folder["big.json"], new byte[HubSettingsReader.MaxBytes + 1]);
        Assert.Contains("at most", Assert.Throws<HubSettingsException>(() => HubSettingsReader.Read(_folder["big.json"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Optional_keys_are_read()
    {
        _folder.Write("ca.pem", "x");
        HubSettings settings = Parse("""
            // a comment
            { "site": "x", "recipientSyncInterval": "00:00:10", "deleteGuard": { "share": 0.5, "minimum": 3 },
              "sources": [ { "name": "a", "type": "ldap", "urls": ["ldap://a"], "baseDn": "", "baseDn": "o=a" } ], }
            """.Replace("\"baseDn\": \"\", ", "\"startTls\": true, \"caFile\": \"ca.pem\", \"pageSize\": 7, \"idAttribute\": \"uid\", ", StringComparison.Ordinal));
        Assert.Equal(TimeSpan.FromSeconds(10), settings.RecipientSyncInterval);
        Assert.Equal((0.5, 3), (settings.RecipientDeleteGuard.Share, settings.RecipientDeleteGuard.Minimum));
        Assert.Equal((true, 7, "uid"), (settings.Sources[0].StartTls, settings.Sources[0].PageSize, settings.Sources[0].IdAttribute));
    }

    public void Dispose() => _folder.Dispose();

    private HubSettings Parse(string text) => HubSettingsReader.Parse(Encoding.UTF8.GetBytes(text), "hub.json", _folder.Path);
}
