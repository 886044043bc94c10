using System.Text;
using Postern.Samples;

namespace Postern.Testing.Tests;

public sealed class OrganizationGeneratorTests
{
    private static string Ldif(int recipients, int seed)
    {
        var text = new StringWriter();
        new OrganizationGenerator(recipients, seed).WriteLdif(text);
        return text.ToString();
    }

    [Fact]
    public void Same_seed_gives_the_same_entries_and_another_seed_others()
    {
        Assert.Equal(Ldif(300, 1), Ldif(300, 1));
        Assert.NotEqual(Ldif(300, 1), Ldif(300, 2));
    }

    [Fact]
    public void The_mix_is_as_promised()
    {
        GeneratedRecipient[] all = [.. new OrganizationGenerator(10_000).Recipients()];
        Assert.InRange(all.Count(r => r.Kind == RecipientKind.User), 8_600, 9_000);
        Assert.InRange(all.Count(r => r.Kind == RecipientKind.Group), 500, 700);
        Assert.InRange(all.Count(r => r.Kind == RecipientKind.Contact), 400, 600);
        Assert.InRange(all.Count(r => r.Kind == RecipientKind.Folder), 50, 150);
        Assert.All(all, r => Assert.InRange(r.Addresses.Count, 2, 4));
        Assert.InRange(Encoding.UTF8.GetByteCount(Ldif(10_000, 1)) / 10_000, 700, 860);
    }

    [Fact]
    public void Names_and_addresses_are_unique()
    {
        GeneratedRecipient[] all = [.. new OrganizationGenerator(20_000).Recipients()];
        Assert.Equal(all.Length, all.Select(r => r.Entry.Dn).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        string[] addresses = [.. all.SelectMany(r => r.Addresses)];
        Assert.Equal(addresses.Length, addresses.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.DoesNotContain(new OrganizationGenerator(20_000).AbsentAddress(7), addresses);
    }

    [Fact]
    public void A_smaller_organization_is_the_beginning_of_a_larger_one()
    {
        Assert.StartsWith(Ldif(100, 1), Ldif(200, 1), StringComparison.Ordinal);
    }
}
