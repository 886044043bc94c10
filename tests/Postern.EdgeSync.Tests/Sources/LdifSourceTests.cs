using System.Diagnostics;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.Files;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Sources;

/// <summary>A file as a source: what counts as changed, and when the bell rings.</summary>
public sealed class LdifSourceTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task File_that_did_not_change_says_so_by_its_cookie()
    {
        await using LdifSource source = Source(Write("a", "b"));
        ReadResult first = await source.ReadAsync();
        Assert.Equal((true, "no cookie yet"), (first.IsWhole, first.WholeBecause));
        Assert.Equal(["a@example.com", "b@example.com"], first.Mails);
        Write("a", "b");
        ReadResult same = await source.ReadAsync(first.Cookie);
        Assert.Equal((false, 0, first.Cookie), (same.IsWhole, same.Entries.Count, same.Cookie));
        Write("a", "c");
        ReadResult other = await source.ReadAsync(first.Cookie);
        Assert.Equal((true, "the file has another content"), (other.IsWhole, other.WholeBecause));
        Assert.Equal(["a@example.com", "c@example.com"], other.Mails);
    }

    [Fact]
    public async Task Rewritten_in_place_before_the_first_entry_is_yielded_it_fails()
    {
        string path = Write("a", "b");
        await using LdifSource source = Source(path);
        await using ISourceReading reading = await source.OpenAsync(null, CancellationToken.None);
        await File.WriteAllTextAsync(path, Text("c"));
        SourceException failure = await Assert.ThrowsAsync<SourceException>(async () =>
        {
            await foreach (SourceChange _ in reading.ReadAsync(CancellationToken.None))
            {
                Assert.Fail("nothing of a file that changed is yielded");
            }
        });
        Assert.Contains("rename", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rewritten_in_place_in_the_middle_it_fails_at_the_end()
    {
        string path = Write([.. Enumerable.Range(0, 5_000).Select(i => $"user{i}")]);
        await using LdifSource source = Source(path);
        await using ISourceReading reading = await source.OpenAsync(null, CancellationToken.None);
        int count = 0;
        await Assert.ThrowsAsync<SourceException>(async () =>
        {
            await foreach (SourceChange _ in reading.ReadAsync(CancellationToken.None))
            {
                if (++count == 10)
                {
                    await File.WriteAllTextAsync(path, Text([.. Enumerable.Range(0, 5_000).Select(i => $"resu{i}")]));
                }
            }
        });
        Assert.True(count >= 10);
    }

    [Fact]
    public async Task Renamed_into_place_while_it_is_read_the_old_file_is_read_to_its_end()
    {
        string path = Write("a", "b");
        await using LdifSource source = Source(path);
        await using ISourceReading reading = await source.OpenAsync(null, CancellationToken.None);
        string fresh = _folder.Write("fresh", Text("c"));
        File.Move(fresh, path, overwrite: true);
        int count = 0;
        await foreach (SourceChange _ in reading.ReadAsync(CancellationToken.None))
        {
            count++;
        }

        Assert.Equal(2, count);
        Assert.True((await source.ReadAsync(reading.NextCookie)).IsWhole);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Bell_rings_for_files_renamed_into_place_and_written_in_place(bool renamed)
    {
        string path = Write("a");
        await using LdifSource source = Source(path);
        ReadResult first = await source.ReadAsync();
        Task bell = source.WaitForBellAsync(CancellationToken.None);
        if (renamed)
        {
            File.Move(_folder.Write("fresh", Text("b")), path, overwrite: true);
        }
        else
        {
            await File.WriteAllTextAsync(path, Text("b", "c"));
        }

        await bell.WaitAsync(Patience);
        Assert.Contains("b@example.com", (await source.ReadAsync(first.Cookie)).Mails);
    }

    [Fact]
    public async Task File_that_disappears_rings_no_bell_and_reading_it_fails()
    {
        string path = Write("a");
        await using LdifSource source = Source(path);
        await source.ReadAsync();
        using CancellationTokenSource end = new();
        Task bell = source.WaitForBellAsync(end.Token);
        File.Delete(path);
        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => source.ReadAsync());
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.False(bell.IsCompleted);

        // It comes back: the bell rings for the new file only.
        Write("b");
        await bell.WaitAsync(Patience);
    }

    [Fact]
    public async Task Bad_line_is_told_before_anything_is_yielded()
    {
        string path = _folder.Write("source.ldif", Text("a") + "dn: cn=b,dc=example\nmail\n");
        await using LdifSource source = Source(path);
        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => source.OpenAsync(null, CancellationToken.None));
        Assert.Contains("source.ldif:", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dn: cn=b,dc=exam", "no end")]
    [InlineData("dn: cn=b,dc=example,dc=com\nmail: b@exam", "no end")]
    [InlineData("dn: cn=b,dc=exam\n", "without attributes")]
    public async Task File_that_was_cut_off_is_no_file_that_was_read_to_its_end(string end, string why)
    {
        await using LdifSource source = Source(_folder.Write("source.ldif", Text("a") + end));
        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => source.OpenAsync(null, CancellationToken.None));
        Assert.Contains("source.ldif looks cut off", failure.Message, StringComparison.Ordinal);
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_without_attributes_in_between_are_taken()
    {
        await using LdifSource source = Source(_folder.Write("source.ldif", "dn: dc=example,dc=com\n\n" + Text("a")["version: 1\n\n".Length..]));
        Assert.Equal(["a@example.com"], (await source.ReadAsync()).Mails);
    }

    [SkippableFact]
    public async Task Pipe_that_nobody_writes_to_fails_in_time_and_the_file_that_replaces_it_is_read()
    {
        Skip.If(OperatingSystem.IsWindows());
        string path = Path.Combine(_folder.Path, "source.ldif");
        using (Process made = Process.Start("mkfifo", path))
        {
            await made.WaitForExitAsync();
        }

        ManualTimeProvider time = new();
        await using LdifSource source = Source(path, time);
        Task<ISourceReading> opening = source.OpenAsync(null, CancellationToken.None);
        while (time.UntilNextTimer is not { } limit || limit != SourceFile.OpenLimit)
        {
            await Task.Yield();
        }

        time.Advance(SourceFile.OpenLimit);
        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => opening);
        Assert.Contains("10 s", failure.Message, StringComparison.Ordinal);

        // Nobody waits a second time for what hangs.
        await Assert.ThrowsAsync<SourceException>(() => source.OpenAsync(null, CancellationToken.None)).WaitAsync(Patience);

        // A writer comes, so that it opens at last: it is a pipe all the same.
        await (await Task.Run(() => new FileStream(path, FileMode.Open, FileAccess.Write))).DisposeAsync();
        File.Delete(path);
        Write("a");
        ReadResult? read = null;
        while (read is null)
        {
            try
            {
                read = await source.ReadAsync();
            }
            catch (SourceException)
            {
                await Task.Yield(); // until the late opening is noticed
            }
        }

        Assert.Equal(["a@example.com"], read.Mails);
    }

    public void Dispose() => _folder.Dispose();

    private string Write(params string[] names) => _folder.Write("source.ldif", Text(names));

    private static LdifSource Source(string path, TimeProvider? time = null) =>
        new(new SourceSettings { Name = "file", Type = SourceType.Ldif, Path = path, Filter = "(mail=*)" }, time ?? TimeProvider.System);

    private static string Text(params string[] names) => "version: 1\n\n" + string.Concat(names.Select(name => $"""
        dn: cn={name},dc=example,dc=com
        objectClass: person
        cn: {name}
        sn: {name}
        mail: {name}@example.com


        """));
}
