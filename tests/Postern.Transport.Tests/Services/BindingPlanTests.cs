using Postern.Certificates;
using Postern.Transport.Services;

namespace Postern.Transport.Tests.Services;

/// <summary>Which certificate serves what (fact sheet 7.5).</summary>
public sealed class BindingPlanTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private readonly NodeStore _node = new();

    [Fact]
    public void The_default_smtp_certificate_is_the_one_that_is_marked()
    {
        StoredCertificate marked = _node.AddStrange(MailServices.Smtp, Now.AddDays(-30), "mail.example.com");
        StoredCertificate newer = _node.Add(MailServices.Smtp, "mail.example.com");
        Assert.Equal(newer.Sha256, Plan().Smtp!.Default.Sha256);

        LocalCertificateStore.Update(marked, marked.Metadata with { IsDefaultSmtp = true });
        BindingPlan plan = Plan();
        Assert.Equal(marked.Sha256, plan.Smtp!.Default.Sha256);
        Assert.Equal(newer.Sha256, plan.Smtp.For("mail.example.com").Sha256);
        Assert.Equal(marked.Sha256, plan.Smtp.For("elsewhere.test").Sha256);
    }

    [Fact]
    public void An_authority_goes_before_oneself_the_newer_before_the_older_and_an_expired_one_comes_last()
    {
        StoredCertificate expired = _node.AddStrange(MailServices.Imap, Now.AddDays(-100), "mail.example.com");
        Assert.Equal(expired.Sha256, Plan().Imap!.Default.Sha256);
        StoredCertificate older = _node.AddStrange(MailServices.Imap, Now.AddDays(-10), "mail.example.com");
        Assert.Equal(older.Sha256, Plan().Imap!.Default.Sha256);
        StoredCertificate newer = _node.AddStrange(MailServices.Imap, Now.AddDays(-1), "mail.example.com");
        Assert.Equal(newer.Sha256, Plan().Imap!.For("mail.example.com").Sha256);
        StoredCertificate issued = _node.Add(MailServices.Imap, "mail.example.com");
        Assert.Equal(issued.Sha256, Plan().Imap!.Default.Sha256);
    }

    [Fact]
    public void The_name_that_a_service_is_reached_by_chooses_its_default()
    {
        StoredCertificate reached = _node.Add(MailServices.Imap, "imap.example.com");
        _node.Add(MailServices.Imap, "other.example.com");
        BindingPlan plan = BindingPlan.Of(_node.Store.All(), new ServiceSettings { Dovecot = new DovecotSettings { ImapName = "imap.example.com" } }, Now);
        Assert.Equal(reached.Sha256, plan.Imap!.Default.Sha256);
        Assert.Null(plan.Pop);
    }

    [Fact]
    public void A_name_of_its_own_goes_before_a_wildcard_which_stands_for_one_label()
    {
        StoredCertificate wildcard = _node.Add(MailServices.Smtp, "*.example.com");
        StoredCertificate own = _node.Add(MailServices.Smtp, true, "mail.example.com");
        ServiceBinding smtp = Plan().Smtp!;
        Assert.Equal(own.Sha256, smtp.For("mail.example.com").Sha256);
        Assert.Equal(wildcard.Sha256, smtp.For("smtp.example.com").Sha256);
        Assert.Equal(own.Sha256, smtp.For("a.smtp.example.com").Sha256);
    }

    [Theory]
    [InlineData("a.example.com { ssl_key")]
    [InlineData("a.example.com /etc/shadow")]
    [InlineData("a.example.com;include")]
    [InlineData("a.example.com\n*.example.org")]
    [InlineData("a.*.example.com")]
    [InlineData("192.0.2.1")]
    [InlineData("$(id).example.com")]
    public void What_is_no_name_of_a_host_reaches_no_configuration(string name)
    {
        _node.Add(MailServices.Imap | MailServices.Smtp, "good.example.com");
        StoredCertificate strange = Strange(name);
        BindingPlan plan = Plan();
        Assert.All(plan.Smtp!.Names.Keys, key => Assert.True(key is "good.example.com" or "fine.example.com", key));
        Assert.Contains("fine.example.com", plan.Smtp.Names.Keys);
        Assert.Contains(plan.Notes, note => note.Contains(strange.Thumbprint, StringComparison.Ordinal) && !note.Contains('\n', StringComparison.Ordinal));
    }

    [Fact]
    public void Probes_of_one_address_are_bounded_and_see_every_certificate()
    {
        StoredCertificate many = _node.Add(MailServices.Smtp, [.. Enumerable.Range(0, ServiceProbe.MaxNames + 1).Select(one => $"a{one}.example.com")]);
        StoredCertificate last = _node.Add(MailServices.Smtp, "z.example.com");
        ServiceProbe[] probes = [.. ServiceProbe.Of(MailServices.Smtp, Plan().Smtp!, ProbeProtocol.Smtp, [NodeStore.At(25)], [])];
        Assert.Equal(ServiceProbe.MaxNames + 1, probes.Length);
        Assert.Contains(probes, one => one.Name == "z.example.com" && one.Sha256 == last.Sha256);
        Assert.Contains(probes, one => one.Sha256 == many.Sha256);
    }

    public void Dispose() => _node.Dispose();

    private BindingPlan Plan() => BindingPlan.Of(_node.Store.All(), new ServiceSettings(), Now);

    private StoredCertificate Strange(string name) => _node.AddRaw(MailServices.Smtp | MailServices.Imap, name, "fine.example.com");
}
