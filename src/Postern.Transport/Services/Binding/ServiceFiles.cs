using System.Security.Cryptography;
using Postern.Certificates;

namespace Postern.Transport.Services;

/// <summary>The files of one service, and what they were before: each is replaced in one step, all of them can be put back.</summary>
internal sealed class ServiceFiles : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly Dictionary<string, Before> _before = new(StringComparer.Ordinal);

    /// <summary>Whether any file is not as it was.</summary>
    public bool IsChange { get; private set; }

    /// <summary>0600, in a folder of 0700.</summary>
    /// <returns>Whether it was different.</returns>
    public bool WritePrivate(string path, ReadOnlySpan<byte> content)
    {
        if (IsSame(path, content))
        {
            return false;
        }

        PrivateFile.CreateFolder(Path.GetDirectoryName(path)!);
        PrivateFile.Replace(path, content);
        return true;
    }

    /// <summary>Of a service's own configuration: with the mode of the file that it replaces, or 0644. No secret.</summary>
    public void WritePublic(string path, ReadOnlySpan<byte> content)
    {
        if (!IsSame(path, content))
        {
            Replace(path, content, _before[path].Content is null ? Public : _before[path].Mode);
        }
    }

    public void Delete(string path)
    {
        if (File.Exists(path))
        {
            Remember(path);
            IsChange = true;
            File.Delete(path);
        }
    }

    /// <summary>Moves what another program made into the place of a file.</summary>
    public void Adopt(string made, string path)
    {
        Remember(path);
        IsChange = true;
        File.Move(made, path, overwrite: true);
    }

    /// <summary>Everything as it was.</summary>
    public void PutBack()
    {
        PutBackChanged();
        foreach (string path in _before.Where(one => one.Value.Content is null).Select(one => one.Key).Where(File.Exists))
        {
            File.Delete(path);
        }
    }

    /// <summary>Files that were there as they were; those that were not stay.</summary>
    public void PutBackChanged()
    {
        foreach ((string path, Before before) in _before)
        {
            if (before.Content is { } content)
            {
                Replace(path, content, before.Mode);
            }
        }
    }

    public void Dispose()
    {
        foreach (Before before in _before.Values)
        {
            CryptographicOperations.ZeroMemory(before.Content);
        }

        _before.Clear();
    }

    private static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        PrivateFile.Replace(path, content);
        if (!OperatingSystem.IsWindows() && mode != Private)
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private void Remember(string path)
    {
        if (!_before.ContainsKey(path))
        {
            bool isThere = File.Exists(path);
            _before.Add(path, new Before(isThere ? File.ReadAllBytes(path) : null, isThere && !OperatingSystem.IsWindows() ? File.GetUnixFileMode(path) : Private));
        }
    }

    private bool IsSame(string path, ReadOnlySpan<byte> content)
    {
        Remember(path);
        bool isSame = _before[path].Content is { } before && before.AsSpan().SequenceEqual(content);
        IsChange |= !isSame;
        return isSame;
    }

    /// <param name="Content">May be a secret. Null: there was none.</param>
    private sealed record Before(byte[]? Content, UnixFileMode Mode);
}
