using System.CommandLine;

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
        root.Subcommands.Add(DomainCommand.Build());
        root.Subcommands.Add(SyncCommand.Build());
        root.Subcommands.Add(RecipientCommand.Build());
        root.Subcommands.Add(DirectoryCommand.Build());
        root.Subcommands.Add(StatusCommand.Build());
        return root;
    }
}
