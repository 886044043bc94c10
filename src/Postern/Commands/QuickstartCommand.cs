using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using Postern.Hosting;
using Postern.Quickstart;

namespace Postern.Commands;

/// <summary><c>postern quickstart</c>: see it work in one minute.</summary>
internal static class QuickstartCommand
{
    private const int DefaultRecipients = 10_000;

    /// <summary>Fewer leave nothing to change for the second cycle.</summary>
    private const int FewestRecipients = 10;

    private const int MostRecipients = 5_000_000;

    public static Command Build()
    {
        Option<int> recipients = Arguments.Number("--recipients", "N", DefaultRecipients, FewestRecipients, MostRecipients, "size of the generated organization");
        Option<string?> ldif = new("--ldif") { HelpName = "FILE", Description = "recipients from this LDIF file instead (it is copied, not changed)" };
        Option<string?> source = new("--source") { HelpName = "URL", Description = "recipients from this directory instead, ldap://HOST:PORT or ldaps://HOST:PORT (it is only read)" };
        Option<string?> baseDn = new("--base-dn") { HelpName = "DN", Description = "with --source: the subtree to read" };
        Option<string?> bindDn = new("--bind-dn") { HelpName = "DN", Description = "with --source: whom to bind as (default: anonymous)" };
        Option<string?> passwordFile = new("--password-file") { HelpName = "FILE", Description = "with --bind-dn: the file with the password" };
        Option<bool> once = new("--once") { Description = "end after the demonstration" };
        Option<string?> data = new("--data") { HelpName = "DIR", Description = "keep everything here (default: a temporary folder that is removed)" };
        Option<IPEndPoint> ldaps = Arguments.Listen("--ldaps", "127.0.0.1:0", "where the edge listens for LDAPS; port 0 is a free one");
        Option<IPEndPoint> ldap = Arguments.Listen("--ldap", "127.0.0.1:0", "where the edge listens for LDAP");
        Option<string?> socketmap = EdgeCommand.SocketmapOption("unix:DIR/edge/socketmap.sock");
        Command command = new("quickstart", "Runs a hub and an edge on loopback with a generated organization and shows two synchronizations.")
        {
            recipients, ldif, source, baseDn, bindDn, passwordFile, once, data, ldaps, ldap, socketmap,
        };
        command.Validators.Add(result =>
        {
            bool fromDirectory = result.Word(source) is not null;
            if (fromDirectory && result.Word(ldif) is not null)
            {
                result.AddError("--ldif and --source exclude each other");
            }

            if (fromDirectory != (result.Word(baseDn) is not null))
            {
                result.AddError("--source and --base-dn belong together");
            }

            if ((result.Word(passwordFile) is not null) != (result.Word(bindDn) is not null) || (result.Word(bindDn) is not null && !fromDirectory))
            {
                result.AddError("--bind-dn and --password-file belong together, and to --source");
            }
        });
        return command.Does(async context =>
        {
            QuickstartOptions options = new(
                context.Get(data) is { } folder ? Path.GetFullPath(folder) : null, context.Get(recipients), context.Get(ldif),
                context.Get(source), context.Get(baseDn), context.Get(bindDn), context.Get(passwordFile), context.Get(once))
            {
                Ldaps = context.Get(ldaps),
                Ldap = context.Get(ldap),
                Socketmap = context.Get(socketmap),
            };
            using ILoggerFactory log = DaemonLog.ToStandardError(LogLevel.Error);
            return await new QuickstartRun(options, context.Output, log).RunAsync(context.Cancellation);
        });
    }
}
