using System.Text;

namespace Postern.Certificates.Tests.Store;

public sealed class PrivateFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void CreateNew_makes_a_file_for_the_owner_only()
    {
        PrivateFile.CreateNew(_folder["a.key"], "secret"u8);

        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_folder["a.key"]));
        Assert.Equal("secret"u8, PrivateFile.Read(_folder["a.key"]));
    }

    [Fact]
    public void CreateNew_refuses_a_name_that_is_taken_and_leaves_it_alone()
    {
        File.WriteAllText(_folder["a.key"], "old");

        PrivateFileException e = Assert.Throws<PrivateFileException>(() => PrivateFile.CreateNew(_folder["a.key"], "new"u8));

        Assert.Contains(_folder["a.key"], e.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(_folder["a.key"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CreateNew_writes_through_no_symbolic_link(bool dangling)
    {
        if (!dangling)
        {
            File.WriteAllText(_folder["victim"], "untouched");
        }

        File.CreateSymbolicLink(_folder["a.key"], _folder["victim"]);

        Assert.Throws<PrivateFileException>(() => PrivateFile.CreateNew(_folder["a.key"], "new"u8));

        Assert.Equal(!dangling, File.Exists(_folder["victim"]));
    }

    [Fact]
    public void CreateNew_in_a_missing_folder_says_which()
    {
        IOException e = Assert.ThrowsAny<IOException>(() => PrivateFile.CreateNew(_folder["none/a.key"], "new"u8));

        Assert.Contains("none", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Replace_puts_the_new_content_in_place_for_the_owner_only_and_leaves_nothing_else()
    {
        File.WriteAllText(_folder["a.key"], "old");
        File.SetUnixFileMode(_folder["a.key"], OwnerOnly | UnixFileMode.OtherRead);

        PrivateFile.Replace(_folder["a.key"], "new"u8);

        Assert.Equal("new"u8, PrivateFile.Read(_folder["a.key"]));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_folder["a.key"]));
        Assert.Equal([_folder["a.key"]], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Replace_is_one_step_for_who_has_the_old_file_open()
    {
        File.WriteAllText(_folder["a.key"], "all of the old");
        using FileStream reader = new(_folder["a.key"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

        PrivateFile.Replace(_folder["a.key"], "new"u8);

        using StreamReader text = new(reader);
        Assert.Equal("all of the old", text.ReadToEnd());
    }

    [Fact]
    public void Replace_replaces_a_symbolic_link_and_not_what_it_leads_to()
    {
        File.WriteAllText(_folder["victim"], "untouched");
        File.CreateSymbolicLink(_folder["a.key"], _folder["victim"]);

        PrivateFile.Replace(_folder["a.key"], "new"u8);

        Assert.Equal("untouched", File.ReadAllText(_folder["victim"]));
        Assert.Null(new FileInfo(_folder["a.key"]).LinkTarget);
    }

    [Fact]
    public void Replace_that_fails_leaves_the_old_and_no_rubbish()
    {
        Directory.CreateDirectory(_folder["a.key/full"]);

        Assert.ThrowsAny<Exception>(() => PrivateFile.Replace(_folder["a.key"], "new"u8));

        Assert.Equal([_folder["a.key"]], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void Read_refuses_what_others_have_access_to_and_says_how_to_mend_it(UnixFileMode extra)
    {
        PrivateFile.CreateNew(_folder["a.key"], "secret"u8);
        File.SetUnixFileMode(_folder["a.key"], OwnerOnly | extra);

        PrivateFileException e = Assert.Throws<PrivateFileException>(() => PrivateFile.Read(_folder["a.key"]));

        Assert.Contains($"chmod 600 '{_folder["a.key"]}'", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret\"", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_follows_no_symbolic_link()
    {
        PrivateFile.CreateNew(_folder["real.key"], "secret"u8);
        File.CreateSymbolicLink(_folder["a.key"], _folder["real.key"]);

        PrivateFileException e = Assert.Throws<PrivateFileException>(() => PrivateFile.Read(_folder["a.key"]));

        Assert.Contains("symbolic link", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_takes_the_limit_and_refuses_one_octet_more()
    {
        PrivateFile.CreateNew(_folder["at"], new byte[PrivateFile.MaxBytes]);
        PrivateFile.CreateNew(_folder["above"], new byte[PrivateFile.MaxBytes + 1]);

        Assert.Equal(PrivateFile.MaxBytes, PrivateFile.Read(_folder["at"]).Length);
        PrivateFileException e = Assert.Throws<PrivateFileException>(() => PrivateFile.Read(_folder["above"]));
        Assert.Contains($"{PrivateFile.MaxBytes + 1} octets", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_of_a_missing_file_says_so() =>
        Assert.Throws<FileNotFoundException>(() => PrivateFile.Read(_folder["none"]));

    [Fact]
    public void CreateFolder_makes_a_folder_for_the_owner_only_and_takes_it_again()
    {
        PrivateFile.CreateFolder(_folder["up/keys"]);
        PrivateFile.CreateFolder(_folder["up/keys"]);

        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["up/keys"]));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["up"]));
    }

    [Fact]
    public void CreateFolder_closes_an_empty_folder_to_others()
    {
        Directory.CreateDirectory(_folder["keys"], OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        PrivateFile.CreateFolder(_folder["keys"]);

        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["keys"]));
    }

    [Fact]
    public void CreateFolder_refuses_a_folder_in_use_that_others_may_enter()
    {
        Directory.CreateDirectory(_folder["keys"], OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        File.WriteAllBytes(_folder["keys/a"], Encoding.ASCII.GetBytes("x"));

        PrivateFileException e = Assert.Throws<PrivateFileException>(() => PrivateFile.CreateFolder(_folder["keys"]));

        Assert.Contains($"chmod 700 '{_folder["keys"]}'", e.Message, StringComparison.Ordinal);
    }
}
