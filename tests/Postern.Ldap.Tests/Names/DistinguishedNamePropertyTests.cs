using System.Text;
using Postern.Ldap.Tests.Generation;

namespace Postern.Ldap.Tests.Names;

public class DistinguishedNamePropertyTests
{
    [Fact]
    public void Any_value_comes_back_from_a_name()
    {
        Property.Holds(5000, generator =>
        {
            string value = generator.Text();
            DistinguishedName dn = DistinguishedName.Parse($"cn={DistinguishedName.EscapeValue(value)},dc=x");
            Assert.Equal(value, dn.Rdn.Parts[0].Value);
            Assert.Equal(2, dn.Depth);
            Assert.Equal(dn, DistinguishedName.Parse("dc=x").Child("cn", value));
        });
    }

    [Fact]
    public void Any_name_is_equal_to_its_text_and_to_its_normal_form()
    {
        Property.Holds(1000, generator =>
        {
            DistinguishedName dn = DistinguishedName.Parse(generator.Dn());
            DistinguishedName again = DistinguishedName.Parse(dn.ToString());
            Assert.Equal(dn, again);
            Assert.Equal(dn.ToString(), again.ToString());
            Assert.Equal(dn.Normalized, DistinguishedName.Parse(dn.Normalized).Normalized);
            Assert.True(dn.IsWithin(dn.Parent));
            Assert.Equal(dn.Parent, DistinguishedName.Parse(dn.Parent.Normalized));
        });
    }

    [Fact]
    public void Damaged_text_is_read_or_refused_and_nothing_else()
    {
        Property.Holds(3000, generator =>
        {
            string damaged = Encoding.UTF8.GetString(generator.Mutate(Encoding.UTF8.GetBytes(generator.Dn())));
            if (DistinguishedName.TryParse(damaged, out DistinguishedName dn, out string error))
            {
                Assert.Equal(dn, DistinguishedName.Parse(dn.ToString()));
            }
            else
            {
                Assert.StartsWith("name, character ", error, StringComparison.Ordinal);
            }
        });
    }

    [Fact]
    public void Every_prefix_is_read_or_refused_and_nothing_else()
    {
        Property.Holds(500, generator =>
        {
            string text = generator.Dn();
            for (int length = 0; length < text.Length; length++)
            {
                Assert.True(DistinguishedName.TryParse(text[..length], out _, out string error) || error.StartsWith("name, character ", StringComparison.Ordinal));
            }
        });
    }
}
