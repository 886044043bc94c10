using System.Globalization;

namespace Postern.Testing;

/// <summary>A file system of a few MiB for tests of full and read-only disks; unmounted and gone at the end. Mounting needs root.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private const string FillerName = "filler";

    /// <summary>Octets the filler is written by.</summary>
    private const int FillerBlock = 4096;

    private readonly TempFolder _folder;

    private SmallDisk(TempFolder folder)
    {
        _folder = folder;
        Path = folder.CreateFolder("disk");
    }

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>In memory; its size can change.</summary>
    public static async Task<SmallDisk> InMemoryAsync(int kiB)
    {
        RequireRoot();
        SmallDisk disk = new(new TempFolder(shared: true));
        await disk.MountAsync("-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={kiB}k,mode=0711"), "tmpfs");
        return disk;
    }

    /// <summary>ext4 in a file: knows read-only files and can fail as a broken disk makes it fail.</summary>
    public static async Task<SmallDisk> Ext4Async(int kiB)
    {
        RequireRoot();
        Peers.Require("mkfs.ext4");
        Peers.Require("chattr");
        SmallDisk disk = new(new TempFolder(shared: true));
        string image = disk._folder["image"];
        await using (FileStream file = File.Create(image))
        {
            file.SetLength(kiB * 1024L);
        }

        (await ChildProcess.RunAsync(Peers.PathOf("mkfs.ext4"), ["-q", "-O", "^has_journal", "-m", "0", image])).MustSucceed();
        await disk.MountAsync("-o", "loop", image);
        return disk;
    }

    /// <summary>Takes all the room but so much.</summary>
    public void Fill(int leaveBytes)
    {
        using FileStream filler = new(System.IO.Path.Combine(Path, FillerName), FileMode.Append);
        byte[] block = new byte[FillerBlock];
        DriveInfo drive = new(Path);
        while (drive.AvailableFreeSpace > leaveBytes)
        {
            filler.Write(block);
            filler.Flush();
        }
    }

    /// <summary>Gives the room of <see cref="Fill"/> back.</summary>
    public void MakeRoom() => File.Delete(System.IO.Path.Combine(Path, FillerName));

    /// <summary>Every write to the file fails until it is made writable again, also through handles that are open.</summary>
    public static async Task SetWritableAsync(string file, bool writable) =>
        (await ChildProcess.RunAsync(Peers.PathOf("chattr"), [writable ? "-i" : "+i", file])).MustSucceed();

    /// <summary>What the kernel does to a file system after an error of its disk: read-only at once, for good (ext4(5), "abort").</summary>
    public async Task BreakAsync() => (await ChildProcess.RunAsync("mount", ["-o", "remount,abort", Path])).MustSucceed();

    public async ValueTask DisposeAsync()
    {
        await ChildProcess.RunAsync("umount", [Path]);
        _folder.Dispose();
    }

    private static void RequireRoot()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            Peers.Miss("a disk of its own", "mounting one takes Linux and root");
        }
    }

    private async Task MountAsync(params string[] arguments)
    {
        CommandResult mounted = await ChildProcess.RunAsync("mount", [.. arguments, Path]);
        if (mounted.ExitCode != 0)
        {
            _folder.Dispose();
            Peers.Miss("a disk of its own", $"mount failed: {mounted.Error.Trim()}");
        }
    }
}
