using System.CommandLine;
using Postern.Certificates;
using Postern.Control;
using Postern.Operations.Certificates;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern certificate import|export</c>: files from and for elsewhere.</summary>
internal static class CertificateTransferVerbs
{
    private const string Pkcs12 = "pkcs12";

    public static Command Import()
    {
        Argument<string[]> files = new("FILE") { Arity = ArgumentArity.OneOrMore, Description = "the certificate in PEM, DER, PKCS #7 or PKCS #12; its key and its issuers may be in files of their own" };
        Option<string?> passphrase = Passphrases.FileOption("the password of the file, in the first line of FILE (default: asked for)");
        Option<bool> exportable = new("--exportable") { Description = "`postern certificate export` may give the key out" };
        Option<string?> friendly = new("--friendly-name") { HelpName = "TEXT", Description = "a name for people (default: the one in the file)" };
        Option<string?> replaces = new("--replaces") { HelpName = "THUMBPRINT", Description = "it comes in the place of this one and takes over its services" };
        Option<bool> noEnable = new("--no-enable") { Description = "leave the services with the one that it replaces" };
        Command command = new("import", "Brings in a certificate with its key, or the answer to a request that waits here. Everything or nothing.") { files, passphrase, exportable, friendly, replaces, noEnable };
        Option<string?> data = command.AddData(CertificateStoreVerbs.AnyFolder);
        return command.Does(async context =>
        {
            List<CertificateFileContent> contents = [];
            try
            {
                foreach (string file in context.Get(files))
                {
                    contents.Add(CertificateFiles.Read(context, file, context.Get(passphrase)));
                }

                CertificateImported done = await new CertificateTransfer(CertificateStoreVerbs.Place(context, data), TimeProvider.System).ImportAsync(
                    contents, new CertificateImport(context.Get(friendly), context.Get(exportable), context.Get(replaces)), context.Cancellation);
                if (done.Replaces is { } old && !context.Get(noEnable))
                {
                    done = done with { Bound = await CertificateServiceVerbs.TakeOverAsync(context, data, old, done.Certificate.Thumbprint) };
                }

                context.Output.Result(done, PosternJson.Default.CertificateImported, CertificateStoreTables.Imported);
                return ExitCode.Done;
            }
            finally
            {
                contents.ForEach(one => one.Dispose());
            }
        });
    }

    public static Command Export()
    {
        Argument<string> thumbprint = CertificateStoreVerbs.Thumbprint();
        Option<string> format = Arguments.Choice("--format", "form of the file (default pem)", "pem", "der", "pkcs7", Pkcs12);
        format.DefaultValueFactory = _ => "pem";
        Option<bool> legacy = new("--legacy") { Description = "with pkcs12: 3DES and SHA-1, for Windows Server 2012 and older" };
        Option<bool> withKey = new("--with-key") { Description = "with pem: the key too, encrypted" };
        Option<bool> noChain = new("--no-chain") { Description = "the certificate alone, without its issuers" };
        Option<string?> passphrase = Passphrases.FileOption("the password that the key is encrypted with, in the first line of FILE (default: asked for)");
        Command command = new("export", "Gives out a certificate, with its key if that is exportable; of a pending request, the request.") { thumbprint, format, legacy, withKey, noChain, passphrase };
        ResultFile file = ResultFile.AddTo(command, "where to write it (default, of pem: printed)");
        Option<string?> data = command.AddData(CertificateStoreVerbs.AnyFolder);
        command.Validators.Add(result =>
        {
            string word = result.Word(format) ?? "pem";
            if (result.GetResult(legacy) is { Implicit: false } && !word.Equals(Pkcs12, StringComparison.OrdinalIgnoreCase))
            {
                result.AddError("--legacy is for --format pkcs12");
            }

            if (result.GetResult(withKey) is { Implicit: false } && !word.Equals("pem", StringComparison.OrdinalIgnoreCase))
            {
                result.AddError("--with-key is for --format pem; pkcs12 always has the key, the others never");
            }

            if (!word.Equals("pem", StringComparison.OrdinalIgnoreCase) && result.GetResult(ResultFile.Name) is null)
            {
                result.AddError($"--file FILE is missing: {word} is not text");
            }
        });
        return command.Does(context =>
        {
            file.Check(context);
            string word = context.Get(format);
            CertificateExportForm form = word == Pkcs12 && context.Get(legacy) ? CertificateExportForm.Pkcs12Legacy : Enum.Parse<CertificateExportForm>(word, ignoreCase: true);
            string? password = word == Pkcs12 || context.Get(withKey)
                ? context.Get(passphrase) is { } from ? Passphrases.Read(from) : Passphrases.Ask("password for the key", twice: true, context.Output.Error)
                : null;
            CertificateExport export = new CertificateTransfer(CertificateStoreVerbs.Place(context, data), TimeProvider.System).Export(
                context.Get(thumbprint), form, context.Get(withKey), !context.Get(noChain), password);
            string? path = file.Write(context, export.Content, export.HasKey);
            CertificateExported done = new(export.Thumbprint, word, export.HasKey, path, path is null ? System.Text.Encoding.ASCII.GetString(export.Content) : null);
            context.Output.Result(done, PosternJson.Default.CertificateExported, CertificateStoreTables.Exported);
            return Task.FromResult(ExitCode.Done);
        });
    }
}
