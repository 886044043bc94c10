namespace Postern.Mail.Tests.Addresses;

public class MailAddressTests
{
    private static string Normal(string value)
    {
        Assert.True(MailAddress.TryNormalize(value, out string normalized, out string? error), error);
        Assert.Null(error);
        Assert.True(MailAddress.TryNormalize(normalized, out string again, out _));
        Assert.Equal(normalized, again);
        return normalized;
    }

    private static string Fault(string value)
    {
        Assert.False(MailAddress.TryNormalize(value, out string normalized, out string? error));
        Assert.Equal("", normalized);
        return error!;
    }

    [Theory]
    [InlineData("anna.berg@example.com", "anna.berg@example.com")]
    [InlineData("Anna.Berg@Example.COM", "anna.berg@example.com")]
    [InlineData("SMTP:Anna.Berg@example.com", "anna.berg@example.com")]
    [InlineData("smtp:anna.berg@example.com", "anna.berg@example.com")]
    [InlineData("Smtp: anna.berg@example.com", "anna.berg@example.com")]
    [InlineData("  anna.berg@example.com \t", "anna.berg@example.com")]
    [InlineData("anna.berg@example.com.", "anna.berg@example.com")]
    [InlineData("anna+list@example.com", "anna+list@example.com")]
    [InlineData("o'neil/x=y@example.com", "o'neil/x=y@example.com")]
    [InlineData("a@b", "a@b")]
    public void Address_has_one_form(string value, string expected) => Assert.Equal(expected, Normal(value));

    [Theory]
    [InlineData("\"anna.berg\"@example.com", "anna.berg@example.com")]
    [InlineData("\"Anna\\.Berg\"@example.com", "anna.berg@example.com")]
    [InlineData("\"anna berg\"@example.com", "\"anna berg\"@example.com")]
    [InlineData("\"anna\\ berg\"@example.com", "\"anna berg\"@example.com")]
    [InlineData("\"a@b\"@example.com", "\"a@b\"@example.com")]
    [InlineData("smtp:\"a:b\"@example.com", "\"a:b\"@example.com")]
    [InlineData("\"a:b\"@example.com", "\"a:b\"@example.com")]
    [InlineData("\"a\\\"b\\\\c\"@example.com", "\"a\\\"b\\\\c\"@example.com")]
    [InlineData("anna..berg@example.com", "\"anna..berg\"@example.com")]
    [InlineData("anna.@example.com", "\"anna.\"@example.com")]
    [InlineData("\".anna\"@example.com", "\".anna\"@example.com")]
    public void Quoted_local_part_is_quoted_only_where_it_must(string value, string expected) => Assert.Equal(expected, Normal(value));

    [Theory]
    [InlineData("JÖRG@bücher.example", "jörg@xn--bcher-kva.example")]
    [InlineData("jo\u0308rg@bu\u0308cher.example", "jörg@xn--bcher-kva.example")]
    [InlineData("jörg@BÜCHER.Example", "jörg@xn--bcher-kva.example")]
    [InlineData("jörg@XN--BCHER-KVA.example", "jörg@xn--bcher-kva.example")]
    [InlineData("用户@例え.テスト", "用户@xn--r8jz45g.xn--zckzah")]
    [InlineData("ΣΑΣ@example.com", "σασ@example.com")]
    [InlineData("\u212Aelvin@example.com", "kelvin@example.com")]
    [InlineData("a\u037Eb@example.com", "\"a;b\"@example.com")]
    public void Address_in_other_scripts_has_one_form(string value, string expected) => Assert.Equal(expected, Normal(value));

    [Theory]
    [InlineData("x500:/o=Example/cn=anna", "x500")]
    [InlineData("X400:C=US;A= ;P=Example;S=Berg", "X400")]
    [InlineData("sip:anna@example.com", "sip")]
    [InlineData("EUM:1234;phone-context=a@b", "EUM")]
    public void Address_of_another_type_is_named_so(string value, string type) => Assert.Contains($"type '{type}'", Fault(value), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "no @")]
    [InlineData("anna", "no @")]
    [InlineData("smtp:", "no @")]
    [InlineData("@example.com", "local part is empty")]
    [InlineData("\"\"@example.com", "local part is empty")]
    [InlineData("anna@", "domain is empty")]
    [InlineData("anna berg@example.com", "outside quotes")]
    [InlineData("<anna@example.com>", "outside quotes")]
    [InlineData("anna@berg@example.com", "outside quotes")]
    [InlineData("an\u0000na@example.com", "control character")]
    [InlineData("\"an\r\nna\"@example.com", "control character")]
    [InlineData("\"anna@example.com", "does not end")]
    [InlineData("\"anna\"berg@example.com", "does not end")]
    [InlineData("\"anna\\\"@example.com", "does not end")]
    [InlineData("an\ud800na@example.com", "not valid Unicode")]
    [InlineData("anna@[192.0.2.1]", "address literal")]
    [InlineData("anna@exa mple.com", "no domain has")]
    [InlineData("anna@-example.com", "begins or ends with '-'")]
    [InlineData("anna@example..com", "label of 0 octets")]
    public void Bad_address_is_refused_with_the_reason(string value, string reason) => Assert.Contains(reason, Fault(value), StringComparison.Ordinal);

    [Fact]
    public void Local_part_of_the_limit_is_taken_and_one_octet_more_refused()
    {
        string local = new('a', MailAddress.MaxLocalPartOctets);

        Assert.Equal(local + "@b", Normal(local + "@b"));
        Assert.Contains("65 octets", Fault($"a{local}@b"), StringComparison.Ordinal);
        Assert.Contains("more than 64", Fault(new string('a', 200) + "@b"), StringComparison.Ordinal);
    }

    [Fact]
    public void Local_part_counts_in_octets_of_UTF8()
    {
        Assert.Equal(65, Normal(new string('é', 31) + "ab@b").Length - 2 + 32);
        Assert.Contains("65 octets", Fault(new string('é', 32) + "a@b"), StringComparison.Ordinal);
    }

    [Fact]
    public void Address_of_the_limit_is_taken_and_one_octet_more_refused()
    {
        string label = new('d', MailDomain.MaxLabelOctets);
        string domain = string.Join('.', label, label, label, new string('d', 63));
        Assert.Equal(MailDomain.MaxOctets, domain.Length);
        string longest = $"{new string('a', MailAddress.MaxLocalPartOctets)}@{domain}";
        Assert.Equal(MailAddress.MaxOctets, longest.Length);

        Assert.Same(longest, Normal(longest));
        Assert.Contains("more than 320", Fault("a" + longest), StringComparison.Ordinal);
    }
}
