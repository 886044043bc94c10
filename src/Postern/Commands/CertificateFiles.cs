using Postern.Certificates;

namespace Postern.Commands;

/// <summary>Files of certificates on the command line.</summary>
internal static class CertificateFiles
{
    /// <summary>Octets: a PKCS #12 file with its issuers has some ten thousand. Ours.</summary>
    private const int MaxOctets = 4 * 1024 * 1024;

    /// <param name="passphraseFile">Null: asked for at the terminal if the file needs one.</param>
    /// <exception cref="CommandFailure">There is no such file.</exception>
    /// <exception cref="CertificateFormatException">It cannot be read.</exception>
    public static CertificateFileContent Read(VerbContext context, string path, string? passphraseFile)
    {
        byte[] octets = ReadOctets(path);
        string? password = passphraseFile is null ? null : Passphrases.Read(passphraseFile);
        try
        {
            return CertificateFileReader.Read(octets, password, path);
        }
        catch (CertificateFormatException e) when (e.Code == "passwordNeeded" && password is null && !Console.IsInputRedirected)
        {
            return CertificateFileReader.Read(octets, Passphrases.Ask($"password of {path}", twice: false, context.Output.Error), path);
        }
    }

    /// <exception cref="CommandFailure">There is no such file, or it is too long for one of certificates.</exception>
    public static byte[] ReadOctets(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: > MaxOctets } large
                ? throw new CommandFailure(ExitCode.Failed, "certificate", $"{path} has {large.Length} octets; a file of certificates has at most {MaxOctets}", "check the name of the file")
                : File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFailure(ExitCode.Failed, "fileNotFound", $"there is no file {path}", "check the path", e);
        }
    }
}
