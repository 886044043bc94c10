namespace Postern.Certificates;

/// <summary>Files that only their owner may read: keys and passwords.</summary>
public static class PrivateFile
{
    public static void CreateNew(string path, ReadOnlySpan<byte> content) => throw new NotImplementedException(path);

    public static void Replace(string path, ReadOnlySpan<byte> content) => throw new NotImplementedException(path);

    public static byte[] Read(string path) => throw new NotImplementedException(path);

    public static void CreateFolder(string path) => throw new NotImplementedException(path);
}
