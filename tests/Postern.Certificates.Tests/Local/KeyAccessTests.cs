namespace Postern.Certificates.Tests.Local;

public sealed class KeyAccessTests
{
    [Fact]
    public void Rules_say_whose_the_key_is_and_who_may_read_it()
    {
        using TestFolder folder = new();
        PrivateFile.CreateNew(folder["key.pem"], "a key"u8);

        string rule = Assert.Single(KeyAccess.Rules(folder["key.pem"]));

        Assert.EndsWith(" rw-------", rule, StringComparison.Ordinal);
        Assert.StartsWith($"{Environment.UserName}:", rule, StringComparison.Ordinal);
        File.SetUnixFileMode(folder["key.pem"], UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.EndsWith(" r--r-----", Assert.Single(KeyAccess.Rules(folder["key.pem"])), StringComparison.Ordinal);
        Assert.Empty(KeyAccess.Rules(folder["no.pem"]));
    }
}
