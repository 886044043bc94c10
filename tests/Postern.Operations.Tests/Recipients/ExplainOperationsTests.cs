using Microsoft.Extensions.Logging.Abstractions;
using Postern.Directory;
using Postern.EdgeSync;
using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Explanations;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Mail;
using Postern.Operations.Recipients;
using Postern.Testing;

namespace Postern.Operations.Tests.Recipients;

/// <summary>Explanations on a hub with a file and accepted domains, without any edge.</summary>
public sealed class ExplainOperationsTests : IAsyncLifetime, IDisposable
{
    private readonly TempFolder _folder = new();
    private DirectoryEngine _engine = null!;
    private HubIdentity _identity = null!;
    private ConfigurationStore _store = null!;
    private ExplainOperations _explain = null!;

    public async Task InitializeAsync()
    {
        HubPaths paths = new(_folder["hub"]);
        _engine = PosternDirectories.OpenOrganization(paths, TimeProvider.System, NullLoggerFactory.Instance);
        IDirectory organization = _engine.As(Principal.System);
        _identity = HubIdentity.Open(paths, "hub1.example.com", "site", "1.0.0", TimeProvider.System);
        HubSubscriptions subscriptions = new(organization, paths, _identity, TimeProvider.System, NullLoggerFactory.Instance);
        await subscriptions.EnsureStructureAsync();
        _store = new ConfigurationStore(organization, ConfigurationPlace.Organization);
        string file = _folder.Write("source.ldif", """
            version: 1

            dn: cn=anna,dc=example,dc=com
            objectClass: person
            cn: anna
            sn: anna
            mail: anna@example.com
            mail: anna@sub.example.com
            mail: anna@other.example.net

            """);
        HubSettings settings = new() { Site = "site", Sources = [new SourceSettings { Name = "file", Type = SourceType.Ldif, Path = file }] };
        _explain = new ExplainOperations(new RecipientExplainer(settings, subscriptions, TimeProvider.System, NullLoggerFactory.Instance), _store);
        await AddAsync("example.com", ("subaddressDelimiter", "+"));
        await AddAsync("*.example.com");
    }

    public async Task DisposeAsync() => await _engine.DisposeAsync();

    public void Dispose()
    {
        _store.Dispose();
        _identity.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("anna@example.com", "example.com", true)]
    [InlineData("Anna@sub.EXAMPLE.com", "*.example.com", true)]
    [InlineData("anna@other.example.net", null, false)]
    [InlineData("ben@example.com", "example.com", false)]
    public async Task Address_is_a_recipient_only_in_an_accepted_domain(string address, string? domain, bool recipient)
    {
        ExplainRecipientResult why = await _explain.ExplainAsync(new ExplainRecipient(address), default);
        Assert.Equal((domain, recipient, null), (why.Domain, why.IsRecipient, why.Mailbox));
    }

    [Theory]
    [InlineData("anna+list@example.com", "anna@example.com", true)]
    [InlineData("ben+list@example.com", null, false)]
    [InlineData("anna+list@sub.example.com", null, false)]
    public async Task Detail_is_taken_off_where_the_domain_says_so(string address, string? mailbox, bool recipient)
    {
        ExplainRecipientResult why = await _explain.ExplainAsync(new ExplainRecipient(address), default);
        Assert.Equal((address, mailbox, recipient), (why.Address, why.Mailbox, why.IsRecipient));
    }

    private Task<ConfigurationObject> AddAsync(string name, params (string Field, string Value)[] fields) => _store.AddAsync(
        ConfigurationClasses.AcceptedDomain, name,
        new Dictionary<string, IReadOnlyList<string>>(fields.ToDictionary(field => field.Field, field => (IReadOnlyList<string>)[field.Value])) { ["type"] = ["authoritative"] });
}
