using Postern.Directory.Storage;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

public sealed class OpeningTests
{
    private static DirectoryEngine Open(string folder) =>
        DirectoryEngine.Open(Options(folder), PosternSchema.Edge, new OpenPolicy(), TimeProvider.System);

    private static DirectoryStoreException Refused(string folder, StoreFault fault)
    {
        DirectoryStoreException e = Assert.Throws<DirectoryStoreException>(() => Open(folder));
        Assert.Equal(fault, e.Fault);
        Assert.Contains(FileIn(folder), e.Message, StringComparison.Ordinal);
        return e;
    }

    private static async Task<TempFolder> FilledAsync(int entries)
    {
        TempFolder folder = new();
        await using DirectoryEngine engine = Open(folder.Path);
        await AddStructureAsync(engine.As(Principal.System));
        await engine.As(Principal.System).BatchAsync([.. Enumerable.Range(0, entries).Select(i => Recipient($"r{i}"))]);
        return folder;
    }

    [Fact]
    public async Task Reopened_directory_has_what_was_written()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(Recipient("x")));
        string csn = (await directory.ReadAsync($"cn=x,{Recipients}", "entryCSN"))!.FirstString("entryCSN")!;
        await directory.ReopenAsync();
        Assert.Equal(csn, (await directory.ReadAsync($"cn=x,{Recipients}", "entryCSN"))!.FirstString("entryCSN"));
        Assert.Single(await directory.SearchAsync("(cn=x)"));
    }

    [SkippableFact]
    public async Task Files_belong_to_their_owner_alone()
    {
        Skip.If(OperatingSystem.IsWindows(), "file modes are those of Unix");
        await using TestDirectory directory = await CreateAsync();
        foreach (string file in System.IO.Directory.GetFiles(System.IO.Path.GetDirectoryName(directory.Path)!))
        {
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), file);
        }
    }

    [Fact]
    public async Task Second_opening_is_refused_while_the_first_lasts()
    {
        using TempFolder folder = new();
        await using (Open(folder.Path))
        {
            Assert.Contains("another process", Refused(folder.Path, StoreFault.Locked).Message, StringComparison.Ordinal);
        }

        await using DirectoryEngine again = Open(folder.Path);
    }

    [Fact]
    public async Task Newer_file_is_refused()
    {
        using TempFolder folder = await FilledAsync(1);
        using (Database database = Database.Open(FileIn(folder.Path), readOnly: false))
        {
            database.Execute("PRAGMA user_version = 99");
        }

        Assert.Contains("version 99", Refused(folder.Path, StoreFault.NewerVersion).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_is_no_database_is_refused()
    {
        using TempFolder folder = new();
        folder.Write("directory.db", new string('x', 10_000));
        Refused(folder.Path, StoreFault.Damaged);
    }

    [Fact]
    public void Database_of_another_program_is_refused_and_left_alone()
    {
        using TempFolder folder = new();
        folder.Write("directory.db", "");
        using (Database database = Database.Open(FileIn(folder.Path), readOnly: false))
        {
            database.Execute("CREATE TABLE songs(name)");
        }

        byte[] before = File.ReadAllBytes(FileIn(folder.Path));
        Assert.Contains("not a directory of Postern", Refused(folder.Path, StoreFault.Damaged).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(FileIn(folder.Path)));
    }

    [Fact]
    public async Task File_that_was_cut_off_is_refused()
    {
        using TempFolder folder = await FilledAsync(2000);
        using (FileStream file = File.OpenWrite(FileIn(folder.Path)))
        {
            file.SetLength(file.Length / 2);
        }

        Refused(folder.Path, StoreFault.Damaged);
    }

    [Fact]
    public async Task File_with_overwritten_pages_is_refused()
    {
        using TempFolder folder = await FilledAsync(2000);
        using (FileStream file = File.OpenWrite(FileIn(folder.Path)))
        {
            file.Seek(file.Length / 2, SeekOrigin.Begin);
            file.Write(new byte[64 * 1024]);
        }

        Refused(folder.Path, StoreFault.Damaged);
    }

    [Fact]
    public void Missing_folder_is_named()
    {
        using TempFolder folder = new();
        Refused(folder["no", "such"], StoreFault.Unavailable);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Older_file_is_brought_up_to_date(int version)
    {
        using TempFolder folder = new();
        VersionOneFixture.Write(FileIn(folder.Path), recipients: 300);
        if (version == 2)
        {
            VersionOneFixture.BringToVersionTwo(FileIn(folder.Path));
        }

        await using DirectoryEngine engine = Open(folder.Path);
        Assert.Empty(await engine.CheckAsync());
        IDirectory directory = engine.As(Principal.System);
        int found = 0;
        await foreach (LdapEntry entry in directory.SearchAsync(new SearchRequest(Recipients, SearchScope.SingleLevel, Filter.Anything, [])))
        {
            found++;
        }

        Assert.Equal(300, found);
        foreach (string name in VersionOneFixture.Names)
        {
            // By its name, by its value, and by its parent's name.
            SearchRequest byValue = new("o=edge", SearchScope.SingleLevel, new EqualityFilter("ou", System.Text.Encoding.UTF8.GetBytes(name)), []);
            Assert.Equal($"ou={name},o=edge", (await directory.SearchAsync(byValue).SingleAsync()).Dn);
            SearchRequest byName = SearchRequest.ReadEntry($"ou={name},o=edge", "ou");
            Assert.Equal(name, (await directory.SearchAsync(byName).SingleAsync()).FirstString("ou"));
        }

        await Ok(directory.DeleteAsync(new DelRequest("ou=Strasse,ou=STRAẞE,o=edge")));
        await Ok(directory.AddAsync(Recipient("new")));
        Assert.Empty(await engine.CheckAsync());
    }

    [Fact]
    public async Task Changed_indexes_are_made_good_at_the_next_opening()
    {
        using TempFolder folder = await FilledAsync(500);
        DirectoryOptions changed = Options(folder.Path) with { IndexedAttributes = [PosternAttributes.Source, PosternAttributes.AddressHash] };
        await using (DirectoryEngine engine = DirectoryEngine.Open(changed, PosternSchema.Edge, new OpenPolicy(), TimeProvider.System))
        {
            Assert.Empty(await engine.CheckAsync());
            await engine.As(Principal.System).AddAsync(Recipient("x"));
        }

        await using DirectoryEngine back = Open(folder.Path);
        Assert.Empty(await back.CheckAsync());
    }

    [Theory]
    [InlineData("noSuchAttribute")]
    [InlineData("entryUUID")]
    public void Index_that_cannot_be_is_refused_by_name(string attribute)
    {
        using TempFolder folder = new();
        ArgumentException e = Assert.Throws<ArgumentException>(() => DirectoryEngine.Open(
            Options(folder.Path) with { IndexedAttributes = [attribute] }, PosternSchema.Edge, new OpenPolicy(), TimeProvider.System));
        Assert.Contains(attribute, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Suffixes_within_each_other_are_refused()
    {
        using TempFolder folder = new();
        Assert.Throws<ArgumentException>(() => DirectoryEngine.Open(
            Options(folder.Path) with { Suffixes = ["o=edge", "ou=x,o=edge"] }, PosternSchema.Edge, new OpenPolicy(), TimeProvider.System));
    }

    [Fact]
    public async Task Check_finds_an_index_row_that_is_missing_and_one_too_many()
    {
        using TempFolder folder = await FilledAsync(20);
        using (Database database = Database.Open(FileIn(folder.Path), readOnly: false))
        {
            database.Execute("DELETE FROM fresh WHERE key = (SELECT max(key) FROM fresh)");
            database.Execute("INSERT INTO tree VALUES(1, 4711)");
        }

        await using DirectoryEngine engine = Open(folder.Path);
        IReadOnlyList<string> faults = await engine.CheckAsync();
        Assert.Contains(faults, f => f.Contains("not in the index of attribute", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.StartsWith("tree:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task File_that_was_closed_well_is_not_read_in_full()
    {
        using TempFolder folder = await FilledAsync(100);
        await using (DirectoryEngine engine = Open(folder.Path))
        {
            Assert.False(engine.WasCheckedInFull);
            await Ok(engine.As(Principal.System).AddAsync(Recipient("x")));
        }

        await using DirectoryEngine again = Open(folder.Path);
        Assert.False(again.WasCheckedInFull);
        Assert.Empty(await again.CheckAsync());
    }

    [Fact]
    public async Task File_whose_log_was_left_behind_is_read_in_full()
    {
        using TempFolder folder = await FilledAsync(100);
        using TempFolder copy = new();
        await using (DirectoryEngine engine = Open(folder.Path))
        {
            await Ok(engine.As(Principal.System).AddAsync(Recipient("x")));
            foreach (string file in System.IO.Directory.GetFiles(folder.Path).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
            {
                File.Copy(file, copy[System.IO.Path.GetFileName(file)]);
            }
        }

        await using DirectoryEngine crashed = Open(copy.Path);
        Assert.True(crashed.WasCheckedInFull);
        Assert.Empty(await crashed.CheckAsync());
    }

    [Fact]
    public async Task File_that_changed_after_it_was_closed_is_read_in_full_and_refused_when_damaged()
    {
        using TempFolder folder = await FilledAsync(2000);
        string file = FileIn(folder.Path);
        using (FileStream stream = File.OpenWrite(file))
        {
            // The middle of the file, at its length.
            stream.Position = stream.Length / 2 / 4096 * 4096;
            stream.Write(new byte[16 * 4096]);
        }

        Refused(folder.Path, StoreFault.Damaged);
        Refused(folder.Path, StoreFault.Damaged);
    }

    [Fact]
    public async Task Mark_of_another_file_counts_for_nothing()
    {
        using TempFolder folder = await FilledAsync(100);
        File.SetLastWriteTimeUtc(FileIn(folder.Path), DateTime.UnixEpoch.AddYears(50));
        await using DirectoryEngine engine = Open(folder.Path);
        Assert.True(engine.WasCheckedInFull);
    }
}
