using Postern.Testing;

namespace Postern.Certificates.Tests;

public sealed class NewPrivateFileTests
{
    [Fact]
    public void File_has_its_name_only_when_it_is_finished()
    {
        using TempFolder folder = new();
        using (NewPrivateFile file = NewPrivateFile.Begin(folder["x"]))
        {
            file.Content.Write("half"u8);
            Assert.False(File.Exists(folder["x"]));
        }

        Assert.Empty(System.IO.Directory.GetFiles(folder.Path));
        using (NewPrivateFile file = NewPrivateFile.Begin(folder["x"]))
        {
            file.Content.Write("whole"u8);
            file.Finish();
        }

        Assert.Equal("whole", File.ReadAllText(folder["x"]));
        Assert.Single(System.IO.Directory.GetFiles(folder.Path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["x"]));
        }
    }

    [Fact]
    public void Name_that_is_taken_is_refused_at_the_beginning_and_at_the_end()
    {
        using TempFolder folder = new();
        folder.Write("taken", "mine");
        File.CreateSymbolicLink(folder["link"], folder["nowhere"]);
        Assert.Throws<PrivateFileException>(() => NewPrivateFile.Begin(folder["taken"]));
        Assert.Throws<PrivateFileException>(() => NewPrivateFile.Begin(folder["link"]));
        Assert.Throws<PrivateFileException>(() => NewPrivateFile.Begin(folder.Path));
        using (NewPrivateFile file = NewPrivateFile.Begin(folder["later"]))
        {
            folder.Write("later", "mine");
            Assert.Throws<PrivateFileException>(file.Finish);
        }

        Assert.Equal("mine", File.ReadAllText(folder["later"]));
        Assert.Equal(3, System.IO.Directory.GetFileSystemEntries(folder.Path).Length);
    }
}
