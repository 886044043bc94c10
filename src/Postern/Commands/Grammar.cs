using System.CommandLine;
using Postern.Mail;

namespace Postern.Commands;

/// <summary>All verbs: the table of contents of the command line, and what docs/cli.md is checked against.</summary>
public static class Grammar
{
    public static RootCommand Build()
    {
        RootCommand root = new("Postern: keeps what a perimeter mail gateway must know in step with the directory inside.");
        root.Options.Add(Arguments.Output);
        root.Subcommands.Add(QuickstartCommand.Build());
        root.Subcommands.Add(EdgeCommand.Build());
        root.Subcommands.Add(HubCommand.Build());
        root.Subcommands.Add(SubscriptionCommand.Build());
        root.Subcommands.Add(CertificateCommand.Build());
        root.Subcommands.Add(AuthCommand.Build());
        root.Subcommands.Add(ConfigurationCommand.Build(ConfigurationClasses.AcceptedDomain, "Accepted domains: which mail domains the edges take mail for."));
        root.Subcommands.Add(ConfigurationCommand.Build(ConfigurationClasses.RemoteDomain, "Remote domains: which automatic messages leave for the domains of others."));
        root.Subcommands.Add(new Command("connector", "Connectors: the ways of mail out of the edges and into them.")
        {
            ConfigurationCommand.Build(ConfigurationClasses.SendConnector, "Send connectors: where the edges hand mail to."),
            ConfigurationCommand.Build(ConfigurationClasses.ReceiveConnector, "Receive connectors: TLS and domain security of the ways in."),
        });
        root.Subcommands.Add(ConfigurationCommand.Build(ConfigurationClasses.Transport, "Transport settings of the whole organization."));
        root.Subcommands.Add(ConfigurationCommand.Build(ConfigurationClasses.Classification, "Message classifications: labels that people put on messages."));
        root.Subcommands.Add(ConfigurationCommand.Build(ConfigurationClasses.Server, "Servers of the organization: whom the edges hand mail to, and trust."));
        root.Subcommands.Add(SyncCommand.Build());
        root.Subcommands.Add(SyncAnswerVerbs.Audit());
        root.Subcommands.Add(RecipientCommand.Build());
        root.Subcommands.Add(DirectoryCommand.Build());
        root.Subcommands.Add(BackupCommand.Backup());
        root.Subcommands.Add(BackupCommand.Restore());
        root.Subcommands.Add(StatusCommand.Build());
        root.Subcommands.Add(DoctorCommand.Build());
        return root;
    }
}
