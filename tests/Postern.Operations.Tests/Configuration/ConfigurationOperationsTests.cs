using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Directory;
using Postern.EdgeSync;
using Postern.EdgeSync.Answers;
using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Explanations;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Mail;
using Postern.Operations.Configuration;
using Postern.Operations.Status;
using Postern.Operations.Subscriptions;
using Postern.Operations.Synchronization;
using Postern.Testing;

namespace Postern.Operations.Tests.Configuration;

/// <summary>A hub's verbs on an organization directory, without any edge.</summary>
public sealed class ConfigurationOperationsTests : IAsyncLifetime, IDisposable
{
    private static readonly ConfigurationClass Domain = ConfigurationClasses.AcceptedDomain;

    private readonly TempFolder _folder = new();
    private DirectoryEngine _engine = null!;
    private HubIdentity _identity = null!;
    private ConfigurationStore _store = null!;
    private HubOperations _hub = null!;
    private HubServers _servers = null!;
    private AuditLog _audit = null!;

    public async Task InitializeAsync()
    {
        HubPaths paths = new(_folder["hub"]);
        _engine = PosternDirectories.OpenOrganization(paths, TimeProvider.System, NullLoggerFactory.Instance);
        _audit = new AuditLog(paths.AuditFolder, RotationLimits.Audit, TimeProvider.System, NullLoggerFactory.Instance);
        IDirectory organization = _engine.As(Principal.System);
        HubSettings settings = new() { Site = "site", Sources = [] };
        _identity = HubIdentity.Open(paths, "hub1.example.com", "site", "1.0.0", TimeProvider.System);
        HubSubscriptions subscriptions = new(organization, paths, _identity, TimeProvider.System, NullLoggerFactory.Instance);
        await subscriptions.EnsureStructureAsync();
        HubSynchronizer synchronizer = new(subscriptions, organization, settings, TimeProvider.System, NullLoggerFactory.Instance);
        HubSchedule schedule = new(synchronizer, settings, TimeProvider.System, NullLoggerFactory.Instance);
        _store = new ConfigurationStore(organization, ConfigurationPlace.Organization);
        await _store.EnsureBuiltInAsync();
        SyncStatusReader status = new(subscriptions, synchronizer, TimeProvider.System);
        AnswerOperations answers = new(
            status, new SyncTester(
                subscriptions, synchronizer, status, new RecipientExplainer(settings, subscriptions, TimeProvider.System, NullLoggerFactory.Instance), TimeProvider.System),
            new HeldDeletes(subscriptions), synchronizer, schedule, _audit);
        _hub = new HubOperations("site", subscriptions, schedule, _store, answers, () => Status, _servers = new HubServers(organization));
    }

    public async Task DisposeAsync() => await _engine.DisposeAsync();

    public void Dispose()
    {
        _store.Dispose();
        _identity.Dispose();
        _audit.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_hub_is_no_server_that_can_be_removed()
    {
        await _servers.PublishAsync(_identity);
        await AddAsync(ConfigurationClasses.Server, "mail1", ("fqdn", "mail1.example.com"));
        OperationException refused = await Assert.ThrowsAsync<OperationException>(
            () => _hub.Configuration.RemoveAsync(ConfigurationClasses.Server, new ConfigurationRequest("HUB1"), default));
        Assert.Equal("serverIsHub", refused.Code);
        Assert.Contains("hub remove", refused.Hint, StringComparison.Ordinal);
        await _hub.Configuration.RemoveAsync(ConfigurationClasses.Server, new ConfigurationRequest("mail1"), default);
        Assert.Equal("hub1", Assert.Single(await _servers.ListAsync()).Name);
    }

    [Fact]
    public async Task Faults_of_an_addition_point_at_the_help_of_additions()
    {
        OperationException bad = await Assert.ThrowsAsync<OperationException>(() => AddAsync(Domain, "192.0.2.1", ("type", "authoritative")));
        Assert.Contains("no number", bad.Message, StringComparison.Ordinal);
        Assert.Contains("domain add --help", bad.Hint, StringComparison.Ordinal);
        await AddAsync(Domain, "example.com", ("type", "authoritative"));
        OperationException twice = await Assert.ThrowsAsync<OperationException>(() => AddAsync(Domain, "example.com", ("type", "authoritative")));
        Assert.Equal("there is an accepted domain example.com already", twice.Message);
    }

    [Fact]
    public async Task Edge_that_is_not_subscribed_is_told_in_one_way()
    {
        OperationException[] all =
        [
            await Assert.ThrowsAsync<OperationException>(() => _hub.ShowSubscriptionAsync(new NamedSubscription("edge9"), default)),
            await Assert.ThrowsAsync<OperationException>(() => _hub.StartSyncAsync(new StartSync("edge9", false, false), null, default)),
            await Assert.ThrowsAsync<OperationException>(() => _hub.Answers.StatusAsync(new OfEdge("edge9"), default)),
            await Assert.ThrowsAsync<OperationException>(() => _hub.Answers.ShowHeldAsync(new HeldOf("edge9", "recipients"), default)),
        ];
        Assert.All(all, one => Assert.Equal(("noSuchSubscription", "there is no subscription edge9 on this hub"), (one.Code, one.Message)));
    }

    [Fact]
    public async Task A_domain_is_added_in_its_normal_form_listed_and_removed()
    {
        await AddAsync(Domain, "example.com", ("type", "authoritative"));
        JsonObject added = await AddAsync(Domain, "MÜNSTER.example", ("type", "internalRelay"));
        ConfigurationList there = await _hub.Configuration.ListAsync(Domain, default);
        JsonObject removed = await _hub.Configuration.RemoveAsync(Domain, new ConfigurationRequest("münster.EXAMPLE"), default);
        ConfigurationList gone = await _hub.Configuration.ListAsync(Domain, default);

        Assert.Equal("""{"name":"xn--mnster-3ya.example","type":"internalRelay","default":false,"addressBook":false}""", added.ToJsonString());
        Assert.Contains(there.Objects, one => one.ToJsonString() == added.ToJsonString());
        Assert.Equal(added.ToJsonString(), removed.ToJsonString());
        Assert.Equal("example.com", Assert.Single(gone.Objects)["name"]!.ToString());
    }

    [Fact]
    public async Task There_is_one_default_domain_and_it_stays()
    {
        JsonObject wildcard = await AddAsync(Domain, "*.example.com", ("type", "authoritative"));
        JsonObject first = await AddAsync(Domain, "example.com", ("type", "authoritative"));
        await AddAsync(Domain, "example.net", ("type", "authoritative"));
        OperationException removed = await FailsAsync(() => _hub.Configuration.RemoveAsync(Domain, new ConfigurationRequest("example.com"), default));
        OperationException unset = await FailsAsync(() => SetAsync(Domain, "example.com", ("default", "false")));
        OperationException many = await FailsAsync(() => SetAsync(Domain, "*.example.com", ("default", "true")));
        await SetAsync(Domain, "example.net", ("default", "true"));
        await _hub.Configuration.RemoveAsync(Domain, new ConfigurationRequest("example.com"), default);

        Assert.False((bool)wildcard["default"]!);
        Assert.True((bool)first["default"]!);
        Assert.Equal((FailureCategory.Conflict, "permanent"), (removed.Category, removed.Code));
        Assert.Equal("permanent", unset.Code);
        Assert.Equal(FailureCategory.BadRequest, many.Category);
        ConfigurationList left = await _hub.Configuration.ListAsync(Domain, default);
        Assert.Equal("example.net", Assert.Single(left.Objects, one => (bool)one["default"]!)["name"]!.ToString());
    }

    [Fact]
    public async Task What_is_there_is_a_conflict()
    {
        await AddAsync(Domain, "example.com", ("type", "authoritative"));
        OperationException failure = await FailsAsync(() => AddAsync(Domain, "EXAMPLE.com", ("type", "internalRelay")));

        Assert.Equal((FailureCategory.Conflict, "alreadyExists"), (failure.Category, failure.Code));
    }

    [Theory]
    [InlineData("no domain", "type", "authoritative")]
    [InlineData("example.com", "type", "sometimes")]
    [InlineData("example.com", "colour", "red")]
    [InlineData("example.com", "title", "no type")]
    [InlineData("", "type", "authoritative")]
    public async Task What_cannot_be_read_is_a_bad_request(string name, string field, string value)
    {
        OperationException failure = await FailsAsync(() => AddAsync(Domain, name, (field, value)));

        Assert.Equal(FailureCategory.BadRequest, failure.Category);
        Assert.NotEmpty(failure.Hint);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        OperationException domain = await FailsAsync(() => _hub.Configuration.RemoveAsync(Domain, new ConfigurationRequest("example.com"), default));
        OperationException connector = await FailsAsync(() => SetAsync(ConfigurationClasses.SendConnector, "none", ("enabled", "false")));
        OperationException shown = await FailsAsync(() => _hub.ShowSubscriptionAsync(new NamedSubscription("edge1"), default));
        OperationException synced = await FailsAsync(() => _hub.StartSyncAsync(new StartSync("edge1", false, false), null, default));
        OperationException edge = await FailsAsync(() => AddAsync(ConfigurationClasses.SendConnector, "one", ("addressSpaces", "*"), ("edges", "edge9")));

        Assert.Equal("noSuchDomain", domain.Code);
        Assert.Equal("noSuchConnector", connector.Code);
        Assert.Equal("noSuchSubscription", shown.Code);
        Assert.Equal("noSuchSubscription", synced.Code);
        Assert.Contains("edge9", edge.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connector_is_made_changed_renamed_and_shown()
    {
        ConfigurationClass kind = ConfigurationClasses.SendConnector;
        await AddAsync(kind, "to partner", ("addressSpaces", "partner.example;5"), ("smartHosts", "relay.partner.example"));
        OperationException rule = await FailsAsync(() => SetAsync(kind, "to partner", ("tlsAuthLevel", "domainValidation")));
        JsonObject set = await _hub.Configuration.SetAsync(
            kind,
            new ConfigurationRequest("TO PARTNER", "To Partner, Inc.", Values(("requireTls", "true"), ("tlsAuthLevel", "domainValidation"), ("tlsDomain", "partner.example"))),
            default);
        OperationException gone = await FailsAsync(() => _hub.Configuration.ShowAsync(kind, new ConfigurationRequest("to partner"), default));

        Assert.Contains("requireTls", rule.Message, StringComparison.Ordinal);
        Assert.Equal("To Partner, Inc.", set["name"]!.ToString());
        Assert.Equal("""["SMTP:partner.example;5"]""", set["addressSpaces"]!.ToJsonString());
        Assert.Equal((false, true, 25L), ((bool)set["dnsRouting"]!, (bool)set["requireTls"]!, (long)set["port"]!));
        Assert.Equal("noSuchConnector", gone.Code);
    }

    [Fact]
    public async Task Built_in_objects_are_there_and_stay()
    {
        JsonObject remote = await _hub.Configuration.ShowAsync(ConfigurationClasses.RemoteDomain, new ConfigurationRequest("*"), default);
        OperationException kept = await FailsAsync(() => _hub.Configuration.RemoveAsync(ConfigurationClasses.RemoteDomain, new ConfigurationRequest("*"), default));
        JsonObject before = await _hub.Configuration.ShowAsync(ConfigurationClasses.Transport, new ConfigurationRequest(), default);
        JsonObject after = await SetAsync(ConfigurationClasses.Transport, null, ("internalSmtpServers", "10.0.0.0/8"));
        JsonObject cleared = await _hub.Configuration.SetAsync(
            ConfigurationClasses.Transport, new ConfigurationRequest(Values: new Dictionary<string, IReadOnlyList<string>> { ["internalSmtpServers"] = [] }), default);

        Assert.Equal((false, true), ((bool)remote["autoReply"]!, (bool)remote["ndr"]!));
        Assert.Equal("permanent", kept.Code);
        Assert.Equal("[]", before["internalSmtpServers"]!.ToJsonString());
        Assert.Equal("""["10.0.0.0/8"]""", after["internalSmtpServers"]!.ToJsonString());
        Assert.Equal("[]", cleared["internalSmtpServers"]!.ToJsonString());
    }

    [Fact]
    public async Task An_id_belongs_to_one_classification_and_a_server_to_the_site_of_the_hub()
    {
        JsonObject first = await AddAsync(ConfigurationClasses.Classification, "Internal", ("displayName", "For us"));
        OperationException twice = await FailsAsync(() => AddAsync(ConfigurationClasses.Classification, "Other", ("id", first["id"]!.ToString())));
        JsonObject server = await AddAsync(ConfigurationClasses.Server, "mx1", ("fqdn", "mx1.example.com"));

        Assert.Equal(FailureCategory.BadRequest, twice.Category);
        Assert.Equal("site", server["site"]!.ToString());
    }

    [Fact]
    public async Task An_entry_that_cannot_be_read_is_listed_with_its_fault_and_stops_nobody()
    {
        await AddAsync(Domain, "example.com", ("type", "authoritative"));
        LdapResult bad = await _engine.As(Principal.System).AddAsync(new AddRequest(
            $"cn=bad,{Domain.OrganizationDn}",
            new LdapAttribute("objectClass", Domain.ObjectClass),
            new LdapAttribute("cn", "bad"),
            new LdapAttribute(PosternAttributes.DomainName, "bad.example"),
            new LdapAttribute(PosternAttributes.DomainType, "sometimes")));
        ConfigurationList list = await _hub.Configuration.ListAsync(Domain, default);
        await _hub.Configuration.RemoveAsync(Domain, new ConfigurationRequest("bad.example"), default);

        Assert.True(bad.IsSuccess);
        Assert.Contains("sometimes", list.Objects[0]["fault"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("example.com", list.Objects[1]["name"]!.ToString());
    }

    private static StatusResult Status { get; } = new(
        "hub", "hub1", "hub1.example.com", "0", DateTimeOffset.UnixEpoch, "/", new Dictionary<string, string>(), [], new Dictionary<string, DateTimeOffset>());

    private Task<JsonObject> AddAsync(ConfigurationClass kind, string name, params (string Field, string Value)[] values) =>
        _hub.Configuration.AddAsync(kind, new ConfigurationRequest(name, Values: Values(values)), default);

    private Task<JsonObject> SetAsync(ConfigurationClass kind, string? name, params (string Field, string Value)[] values) =>
        _hub.Configuration.SetAsync(kind, new ConfigurationRequest(name, Values: Values(values)), default);

    private static Dictionary<string, IReadOnlyList<string>> Values(params (string Field, string Value)[] values) =>
        values.ToDictionary(one => one.Field, one => (IReadOnlyList<string>)[one.Value]);

    private static Task<OperationException> FailsAsync(Func<Task> verb) => Assert.ThrowsAsync<OperationException>(verb);
}
