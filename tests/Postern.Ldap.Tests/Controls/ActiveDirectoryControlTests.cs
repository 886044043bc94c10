namespace Postern.Ldap.Tests.Controls;

public sealed class ActiveDirectoryControlTests
{
    [Fact]
    public void Highest_flag_is_a_negative_integer()
    {
        LdapControl control = DirSyncControl.Create(DirSyncFlags.IncrementalValues, 0x10000, "c"u8.ToArray());

        Assert.True(control.Critical);
        Assert.Equal("300E0204800000000203010000040163", Convert.ToHexString(control.Value!.Value.Span));
        Assert.Equal(DirSyncFlags.IncrementalValues, DirSyncControl.DecodeRequest(control).Flags);
    }

    [Fact]
    public void Flags_add_up()
    {
        const DirSyncFlags both = DirSyncFlags.ObjectSecurity | DirSyncFlags.AncestorsFirst;
        LdapControl control = DirSyncControl.Create(both, 1, ReadOnlyMemory<byte>.Empty);

        Assert.Equal("3009020208010201010400", Convert.ToHexString(control.Value!.Value.Span));
        Assert.Equal((both, 1, 0), DirSyncControl.DecodeRequest(control) is var (flags, max, cookie) ? (flags, max, cookie.Length) : default);
    }

    [Theory]
    [InlineData("3009020100020100040163", false)]
    [InlineData("3009020101020100040163", true)]
    [InlineData("300902017F020100040163", true)]
    public void Answer_tells_whether_there_is_more(string octets, bool more)
    {
        DirSyncAnswer answer = DirSyncControl.DecodeAnswer(new LdapControl(LdapOids.DirSync, false, Convert.FromHexString(octets)));

        Assert.Equal((more, "c"), (answer.More, System.Text.Encoding.ASCII.GetString(answer.Cookie.Span)));
    }

    [Fact]
    public void Controls_without_value_have_none()
    {
        Assert.Null(ActiveDirectoryControls.ChangeNotification.Value);
        Assert.Null(ActiveDirectoryControls.ShowDeleted.Value);
        Assert.Null(ActiveDirectoryControls.ShowRecycled.Value);
        Assert.Equal("3003020101", Convert.ToHexString(ActiveDirectoryControls.ExtendedDn.Value!.Value.Span));
    }
}
