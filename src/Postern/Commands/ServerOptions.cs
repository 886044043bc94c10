using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postern.Certificates;
using Postern.Control;

namespace Postern.Commands;

/// <summary>The way to a daemon on another machine, for the verbs that a daemon carries out (docs/management-api.md).</summary>
internal static class ServerOptions
{
    private static readonly Option<Uri?> Server = new("--server")
    {
        HelpName = "URL",
        Description = "the daemon on another machine, e.g. https://hub1.example.com:50443, in place of --data",
        CustomParser = result =>
        {
            string text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
            if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps && url.AbsolutePath == "/" && url.Query.Length == 0 && url.UserInfo.Length == 0)
            {
                return url;
            }

            result.AddError($"--server: '{text}' is not https://HOST:PORT");
            return null;
        },
    };

    private static readonly Option<string?> TokenFile = new("--token-file") { HelpName = "FILE", Description = "with --server: a token of `postern auth token`, in a file that only its owner may read" };

    private static readonly Option<string?> Pin = new("--pin") { HelpName = "SHA256", Description = "with --server: trust exactly this certificate" };

    private static readonly Option<string?> Authorities = new("--ca") { HelpName = "FILE", Description = "with --server: trust certificates of these authorities, PEM (default: those of the system)" };

    /// <summary>Adds <c>--data</c> and what may stand in its place, and insists on one of them.</summary>
    public static Option<string?> AddDaemon(this Command command, string description)
    {
        foreach (Option option in (Option[])[Server, TokenFile, Pin, Authorities])
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            bool hasServer = result.GetResult(Server) is { Implicit: false };
            if (hasServer && result.Word(TokenFile) is null)
            {
                result.AddError("--token-file FILE is missing: --server asks for a token");
            }
            else if (!hasServer && new Option[] { TokenFile, Pin, Authorities }.FirstOrDefault(one => result.GetResult(one) is { Implicit: false }) is { } alone)
            {
                result.AddError($"{alone.Name} needs --server URL");
            }
            else if (result.GetResult(Pin) is { Implicit: false } && result.GetResult(Authorities) is { Implicit: false })
            {
                result.AddError("--pin and --ca exclude each other");
            }
        });
        return command.AddData(description, result => result.GetResult(Server) is { Implicit: false });
    }

    /// <summary>The daemon that the command line names.</summary>
    /// <exception cref="CommandFailure">Its files cannot be read.</exception>
    public static ControlClient Find(ParseResult arguments, Option<string?> data) =>
        arguments.CommandResult.Command.Options.Contains(Server) && arguments.GetValue(Server) is { } server
            ? ControlClient.For(DaemonDoor.OfServer(server, ReadToken(arguments.GetValue(TokenFile)!), ReadPin(arguments.GetValue(Pin)), ReadAuthorities(arguments.GetValue(Authorities))))
            : ControlClient.For(arguments.GetValue(data)!);

    private static string ReadToken(string path)
    {
        string token;
        try
        {
            token = Encoding.UTF8.GetString(PrivateFile.Read(path)).Trim();
        }
        catch (FileNotFoundException e)
        {
            throw new CommandFailure(ExitCode.Failed, "fileNotFound", $"there is no file {path}", "`postern auth token --file FILE` on a hub makes one", e);
        }

        return token.Length > 0 && token.All(one => char.IsAsciiLetterOrDigit(one) || one is '.' or '-' or '_')
            ? token
            : throw new CommandFailure(ExitCode.Failed, "token", $"{path} holds no token", "it is one line of letters, digits and dots; `postern auth token --file FILE` on a hub makes one");
    }

    private static CertificatePin? ReadPin(string? text)
    {
        try
        {
            return text is null ? null : CertificatePin.Parse(text);
        }
        catch (FormatException e)
        {
            throw CommandFailure.WrongUsage($"--pin: {e.Message}", "`postern certificate list --output json` there shows it");
        }
    }

    private static X509Certificate2Collection? ReadAuthorities(string? path)
    {
        if (path is null)
        {
            return null;
        }

        X509Certificate2Collection authorities = [];
        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is CryptographicException or FileNotFoundException)
        {
            throw new CommandFailure(ExitCode.Failed, "certificate", $"--ca: {path} cannot be used: {e.Message}", "give a file with one or more certificates in PEM form", e);
        }

        return authorities.Count > 0 ? authorities : throw new CommandFailure(ExitCode.Failed, "certificate", $"--ca: there is no certificate in {path}", "give a file with one or more certificates in PEM form");
    }
}
