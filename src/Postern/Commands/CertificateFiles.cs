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
    public static CertificateFileContent Read(VerbContext context, string path, string? passphraseFile) => Read(context, path, passphraseFile, out _);

    /// <param name="password">The one that it was read with; null: it needed none.</param>
    /// <inheritdoc cref="Read(VerbContext, string, string?)"/>
    public static CertificateFileContent Read(VerbContext context, string path, string? passphraseFile, out string? password)
    {
        byte[] octets = ReadOctets(path);
        password = passphraseFile is null ? null : Passphrases.Read(passphraseFile);
        try
        {
            return CertificateFileReader.Read(octets, password, path);
        }
        catch (CertificateFormatException e) when (e.Code == "passwordNeeded" && passphraseFile is null && !Console.IsInputRedirected)
        {
            password = Passphrases.Ask($"password of {path}", twice: false, context.Output.Error);
            return CertificateFileReader.Read(octets, password, path);
        }
    }

    /// <exception cref="CommandFailure">There is no such file, or it is too long for one of certificates.</exception>
    public static byte[] ReadOctets(string path)
    {
        try
        {
            // Pipes and devices have no length: what counts is what comes.
            using FileStream file = File.OpenRead(path);
            byte[] octets = new byte[MaxOctets + 1];
            int read = file.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
            return read <= MaxOctets ? octets[..read]
                : throw new CommandFailure(ExitCode.Failed, "certificate", $"{path} has more than {MaxOctets} octets; no file of certificates has", "check the name of the file");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFailure(ExitCode.Failed, "fileNotFound", $"there is no file {path}", "check the path", e);
        }
    }
}
