using System.CommandLine;
using System.Security.Cryptography;
using Postern.Certificates;
using Postern.Control;
using Postern.Operations.Certificates;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern certificate inspect|convert</c>: files of certificates, and the keys of Windows. No data folder is needed.</summary>
internal static class CertificateFormatVerbs
{
    private const string Capi = "capi";
    private const string Cng = "cng";

    public static Command Inspect()
    {
        Argument<string?> file = new("FILE") { Arity = ArgumentArity.ZeroOrOne, Description = "PEM, DER, PKCS #7, PKCS #12, a request or a key" };
        Option<string?> certutil = new("--certutil") { HelpName = "FILE", Description = "what `certutil -v -store my` printed on a Windows server, in place of FILE" };
        Option<string?> passphrase = Passphrases.FileOption("the password of the file, in the first line of FILE (default: asked for)");
        Command command = new("inspect", "Says what is in a file of certificates, how it is protected, and whether EdgeSync of Windows can use the key (event 1035).") { file, certutil, passphrase };
        command.Validators.Add(result =>
        {
            bool isFile = result.GetResult(file) is { Tokens.Count: > 0 };
            bool isCertutil = result.GetResult(certutil) is { Implicit: false };
            if (isFile == isCertutil)
            {
                result.AddError("give either FILE or --certutil FILE");
            }
        });
        return command.Does(async context =>
        {
            if (context.Get(certutil) is { } text)
            {
                CertutilInspection store = CertificateFormats.InspectCertutil(await ReadTextAsync(text, context.Cancellation), text);
                context.Output.Result(store, PosternJson.Default.CertutilInspection, CertificateInspectionText.Certutil);
                return ExitCode.Done;
            }

            using CertificateFileContent content = CertificateFiles.Read(context, context.Get(file)!, context.Get(passphrase));
            context.Output.Result(CertificateFormats.Inspect(content), PosternJson.Default.CertificateInspection, CertificateInspectionText.File);
            return ExitCode.Done;
        });
    }

    public static Command Convert()
    {
        Argument<string> input = new("IN") { Description = "PKCS #12 or PEM, with certificate and key" };
        Argument<string> output = new("OUT") { Description = "the new PKCS #12 file; made with mode 0600" };
        Option<string> provider = Arguments.Choice("--provider", "where Windows shall put the key: capi for EdgeSync of Exchange, cng for everything new", Capi, Cng);
        provider.Required = true;
        Option<bool> legacy = new("--legacy") { Description = "3DES and SHA-1, for Windows before Server 2019" };
        Option<bool> force = new("--force") { Description = "replace OUT if it is there" };
        Option<string?> passphrase = Passphrases.FileOption("the password of IN, in the first line of FILE (default: asked for)");
        Option<string?> newPassphrase = new("--new-passphrase-file") { HelpName = "FILE", Description = "the password of OUT (default: that of IN)" };
        Command command = new("convert", "Writes a PKCS #12 file anew for the other key interface of Windows: same certificate, same thumbprint, the key never on disk in the clear.")
        {
            input, output, provider, legacy, force, passphrase, newPassphrase,
        };
        return command.Does(context =>
        {
            string path = Path.GetFullPath(context.Get(output));
            if (File.Exists(path) && !context.Get(force))
            {
                throw new CommandFailure(ExitCode.Failed, "fileExists", $"{path} exists already", "choose another name, or replace it with --force");
            }

            using CertificateFileContent content = CertificateFiles.Read(context, context.Get(input), context.Get(passphrase), out string? old);
            string password = context.Get(newPassphrase) is { } other ? Passphrases.Read(other)
                : string.IsNullOrEmpty(old) ? Passphrases.Ask($"password of {path}", twice: true, context.Output.Error) : old;
            if (password.Length == 0)
            {
                throw new CommandFailure(ExitCode.WrongUsage, "passphrase", "a file with a private key needs a password", "give --new-passphrase-file FILE");
            }

            (byte[] octets, CertificateConverted done) = CertificateFormats.Convert(
                content, context.Get(provider) == Capi ? WindowsKeyInterface.Capi1 : WindowsKeyInterface.Cng, password, context.Get(legacy) ? Pkcs12Profile.Legacy : Pkcs12Profile.Modern, path);
            if (context.Get(force))
            {
                PrivateFile.Replace(path, octets);
            }
            else
            {
                PrivateFile.CreateNew(path, octets);
            }

            CryptographicOperations.ZeroMemory(octets);
            context.Output.Result(done, PosternJson.Default.CertificateConverted, CertificateInspectionText.Converted);
            return Task.FromResult(ExitCode.Done);
        });
    }

    private static async Task<byte[]> ReadTextAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: var length } && length > CertutilLimits.Default.MaxOctets
                ? throw new CommandFailure(ExitCode.Failed, "limit", $"{path} has {length} octets; at most {CertutilLimits.Default.MaxOctets} are read", "give the text of one store: certutil -v -store my > cert.txt")
                : await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFailure(ExitCode.Failed, "fileNotFound", $"there is no file {path}", "check the path", e);
        }
    }
}
