using System.Text;
using Postern.EdgeSync.Settings;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Settings;

public sealed class SourceSettingsReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("activeDirectory", "activeDirectory")]
    [InlineData("openldap", "openldap")]
    [InlineData("ldap", "openldap")]
    public void Preset_follows_from_the_type(string type, string preset) => Assert.Equal(preset, Source($"\"type\": \"{type}\"").Preset.Name);

    [Fact]
    public void Preset_gives_filter_and_map()
    {
        SourceSettings source = Source("""  "type": "activeDirectory", "preset": "exchange" """);
        Assert.Equal(RecipientPreset.Exchange.Filter, source.Filter);
        Assert.Equal(RecipientPreset.Exchange.Map, source.Map);
    }

    [Fact]
    public void Keys_override_the_preset_one_by_one_and_null_takes_them_away()
    {
        SourceSettings source = Source("""
            "type": "activeDirectory", "preset": "exchange", "filter": "(mail=*)",
            "map": { "disabled": null, "safeSenders": null, "internalOnly": "(extensionAttribute1=internal)", "sclDelete": "spamDelete", "maxSafelistEntries": 5 }
            """);
        Assert.Equal("(mail=*)", source.Filter);
        Assert.Equal(
            RecipientPreset.Exchange.Map with
            {
                Disabled = null,
                SafeSenders = null,
                InternalOnly = "(extensionAttribute1=internal)",
                SclDelete = "spamDelete",
                MaxSafelistEntries = 5,
            },
            source.Map);
    }

    [Fact]
    public void Requested_attributes_are_those_of_the_map_and_the_id()
    {
        SourceSettings source = Source("""
            "type": "openldap", "filter": "(&(memberOf=cn=staff)(MAIL=*))", "map": { "addresses": ["mail"], "disabled": "(|(a=1)(!(b=2)))", "internalOnly": "(c=TRUE)" }
            """);
        Assert.Equal(["mail", "c", "a", "b", "entryUUID"], source.RequestedAttributes);
        Assert.Equal(["mail", "c", "a", "b", "entryUUID", "memberOf"], source.RequestedWithFilter);
    }

    [Fact]
    public void Filter_of_a_file_that_only_a_server_could_decide_is_refused()
    {
        _folder.Write("a.ldif", "version: 1\n\n");
        const string filter = "(!(memberOf:1.2.840.113556.1.4.1941:=cn=x))";
        HubSettingsException e = Assert.Throws<HubSettingsException>(
            () => Parse($"{{ \"site\": \"x\", \"sources\": [ {{ \"name\": \"a\", \"type\": \"ldif\", \"path\": \"a.ldif\", \"filter\": \"{filter}\" }} ] }}"));
        SettingsFault fault = Assert.Single(e.Faults);
        Assert.Equal("sources[0].filter", fault.Key);
        Assert.Contains("can be decided by the source only", fault.Message, StringComparison.Ordinal);
        Assert.Equal(filter, Source($"\"type\": \"activeDirectory\", \"filter\": \"{filter}\"").Filter);
    }

    [Theory]
    [InlineData("\"preset\": \"notes\"", "preset")]
    [InlineData("\"map\": []", "map")]
    [InlineData("\"map\": { \"adresses\": [\"mail\"] }", "map.adresses")]
    [InlineData("\"map\": { \"addresses\": null }", "map.addresses")]
    [InlineData("\"map\": { \"disabled\": \"a=b\" }", "map.disabled")]
    [InlineData("\"map\": { \"disabled\": \"(memberOf:1.2.840.113556.1.4.1941:=cn=a)\" }", "map.disabled")]
    [InlineData("\"map\": { \"safeSenders\": \"1 2\" }", "map.safeSenders")]
    [InlineData("\"map\": { \"maxSafelistEntries\": 65537 }", "map.maxSafelistEntries")]
    [InlineData("\"excludedSubtrees\": [\"nonsense\"]", "excludedSubtrees")]
    [InlineData("\"excludedSubtrees\": [1]", "excludedSubtrees")]
    [InlineData("\"pollInterval\": \"00:00:00\"", "pollInterval")]
    [InlineData("\"fullCompareInterval\": \"00:00:59\"", "fullCompareInterval")]
    public void Faults_are_named(string keys, string key)
    {
        HubSettingsException e = Assert.Throws<HubSettingsException>(() => Source($"\"type\": \"openldap\", {keys}"));
        Assert.Equal($"sources[0].{key}", Assert.Single(e.Faults).Key);
    }

    [Fact]
    public void Intervals_are_read()
    {
        SourceSettings source = Source("\"type\": \"ldap\", \"pollInterval\": \"00:00:10\", \"fullCompareInterval\": \"7.00:00:00\"");
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromDays(7)), (source.PollInterval, source.FullCompareInterval));
        Assert.Equal((null, TimeSpan.FromDays(1)), (Source("\"type\": \"ldap\"").PollInterval, Source("\"type\": \"ldap\"").FullCompareInterval));
    }

    [Fact]
    public void More_servers_than_a_source_may_have_are_a_fault()
    {
        string urls = string.Join(", ", Enumerable.Range(0, 33).Select(i => $"\"ldap://dc{i}\""));
        HubSettingsException e = Assert.Throws<HubSettingsException>(() => Parse($"{{ \"site\": \"x\", \"sources\": [ {{ \"name\": \"a\", \"type\": \"ldap\", \"baseDn\": \"o=a\", \"urls\": [{urls}] }} ] }}"));
        Assert.Contains("at most 32", Assert.Single(e.Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Delete_guard_is_read_per_type()
    {
        HubSettings settings = Parse("""
            { "site": "x", "cookieValidDuration": "14.00:00:00",
              "deleteGuard": { "share": 0.2, "window": "00:30:00", "configuration": { "minimum": 3, "share": 1 } },
              "sources": [ { "name": "a", "type": "ldap", "urls": ["ldap://a"], "baseDn": "o=a" } ] }
            """);
        Assert.Equal(new DeleteGuardSettings { Share = 0.2, Minimum = 50, Window = TimeSpan.FromMinutes(30) }, settings.RecipientDeleteGuard);
        Assert.Equal(new DeleteGuardSettings { Share = 1, Minimum = 3, Window = TimeSpan.FromMinutes(30) }, settings.ConfigurationDeleteGuard);
        Assert.Equal(TimeSpan.FromDays(14), settings.CookieValidDuration);
    }

    public void Dispose() => _folder.Dispose();

    private SourceSettings Source(string keys) =>
        Assert.Single(Parse($"{{ \"site\": \"x\", \"sources\": [ {{ \"name\": \"a\", \"urls\": [\"ldap://a\"], \"baseDn\": \"o=a\", {keys} }} ] }}").Sources);

    private HubSettings Parse(string text) => HubSettingsReader.Parse(Encoding.UTF8.GetBytes(text), "hub.json", _folder.Path);
}
