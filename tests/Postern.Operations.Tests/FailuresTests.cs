using Postern.Directory;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.Operations.Tests;

public sealed class FailuresTests
{
    public static TheoryData<Exception, FailureCategory, string> Known => new()
    {
        { new SubscriptionFileException("edge.xml", 3, "damaged", "copy it again"), FailureCategory.Failed, "subscriptionFile" },
        { new SubscriptionException("no such edge", "look at the list"), FailureCategory.Failed, "subscription" },
        { new HubSettingsException("hub.json", [new SettingsFault(2, "site", "missing")]), FailureCategory.Failed, "settings" },
        { new DirectoryStoreException(StoreFault.Full, "no room"), FailureCategory.Failed, "diskFull" },
        { new DirectoryStoreException(StoreFault.Damaged, "damaged"), FailureCategory.Failed, "storeDamaged" },
        { new LdapConnectionException(LdapFailureKind.Refused, "refused", "start it"), FailureCategory.Failed, "connection" },
        { new LdifException("a.ldif", 7, "no colon"), FailureCategory.Failed, "ldif" },
        { new LdapException(LdapResultCode.EntryAlreadyExists, "there"), FailureCategory.Conflict, "alreadyExists" },
        { new LdapException(LdapResultCode.InvalidAttributeSyntax, "no domain"), FailureCategory.BadRequest, "invalidValue" },
        { new LdapException(LdapResultCode.UnwillingToPerform, "no"), FailureCategory.Failed, "directory" },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public async Task What_the_rooms_below_refuse_keeps_its_words_and_gets_a_category_and_a_hint(Exception below, FailureCategory category, string code)
    {
        OperationException failure = await Assert.ThrowsAsync<OperationException>(() => Failures.TranslateAsync<int>(() => throw below));

        Assert.Equal(category, failure.Category);
        Assert.Equal(code, failure.Code);
        Assert.Equal(below.Message, failure.Message);
        Assert.NotEmpty(failure.Hint);
        Assert.Same(below, failure.InnerException);
    }

    [Fact]
    public async Task What_nobody_foresaw_goes_through_as_it_is()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Failures.TranslateAsync<int>(() => throw new InvalidOperationException("a fault of ours")));
    }
}
