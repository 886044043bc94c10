using System.Text;
using Postern.EdgeSync.Settings;
using Postern.Ldap;
using Postern.Samples;

namespace Postern.Quickstart;

/// <summary>The source of a quickstart: where recipients are, what is known about them, and how to change a few.</summary>
internal abstract class SampleSource
{
    /// <summary>Recipients that a change adds.</summary>
    protected const int Added = 3;

    public const string SettingsName = "corp";

    public required string Description { get; init; }

    public required IReadOnlyList<string> Domains { get; init; }

    public required string KnownAddress { get; init; }

    public string UnknownAddress => $"nobody.at.all@{Domains[0]}";

    /// <summary>The <c>sources</c> entry of hub.json.</summary>
    public required SourceSettings Settings { get; init; }

    /// <returns>What was changed, in words.</returns>
    public abstract Task<string> ChangeAsync(CancellationToken cancellationToken);

    protected static string AddedAddress(int number, string domain) => $"postern.quickstart.{number}@{domain}";
}

/// <summary>A generated organization in an LDIF file of the data folder.</summary>
internal sealed class GeneratedSource : SampleSource
{
    private const int Changed = 2;

    private readonly OrganizationGenerator _organization;
    private readonly string _path;

    private GeneratedSource(OrganizationGenerator organization, string path)
    {
        _organization = organization;
        _path = path;
    }

    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    private GeneratedSource(OrganizationGenerator organization, string path, int recipients)
        : this(organization, path)
    {
        Description = $"a generated organization of {recipients} recipients in {path}";
        Domains = organization.MailDomains;
        KnownAddress = organization.Recipients().Skip(1).First().Addresses[0];
        Settings = new SourceSettings { Name = SettingsName, Type = SourceType.Ldif, Path = path };
    }

    public static async Task<GeneratedSource> MakeAsync(int recipients, string path, CancellationToken cancellationToken)
    {
        GeneratedSource source = new(new OrganizationGenerator(recipients), path, recipients);
        await source.WriteAsync(source._organization.Recipients().Select(recipient => recipient.Entry), cancellationToken);
        return source;
    }

    public override async Task<string> ChangeAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(ChangedRecipients(), cancellationToken);
        return $"{Added} recipients added, {Changed} given another address, 1 removed";
    }

    /// <summary>The first one leaves, the next ones get an alias, and new ones join.</summary>
    private IEnumerable<LdapEntry> ChangedRecipients()
    {
        int index = 0;
        foreach (GeneratedRecipient recipient in _organization.Recipients())
        {
            if (index > 0)
            {
                yield return index <= Changed ? WithAlias(recipient.Entry, index) : recipient.Entry;
            }

            index++;
        }

        for (int number = 1; number <= Added; number++)
        {
            string address = AddedAddress(number, Domains[0]);
            yield return new LdapEntry(
                $"cn=Postern Quickstart {number},ou=Contacts,ou=People,{_organization.BaseDn}",
                [
                    new LdapAttribute("objectClass", "inetOrgPerson"),
                    new LdapAttribute("cn", $"Postern Quickstart {number}"),
                    new LdapAttribute("sn", "Quickstart"),
                    new LdapAttribute("mail", address),
                ]);
        }
    }

    private LdapEntry WithAlias(LdapEntry entry, int number)
    {
        byte[] alias = Encoding.UTF8.GetBytes($"smtp:postern.alias.{number}@{Domains[0]}");
        return entry with
        {
            Attributes =
            [
                .. entry.Attributes.Select(attribute => attribute.Description.Equals("proxyAddresses", StringComparison.OrdinalIgnoreCase)
                    ? new LdapAttribute(attribute.Description, [.. attribute.Values, alias])
                    : attribute),
            ],
        };
    }

    private async Task WriteAsync(IEnumerable<LdapEntry> recipients, CancellationToken cancellationToken)
    {
        string next = _path + ".next";
        await using (StreamWriter file = new(next, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
        {
            LdifWriter writer = new(file);
            foreach (LdapEntry entry in _organization.Containers().Concat(recipients))
            {
                cancellationToken.ThrowIfCancellationRequested();
                writer.Write(entry);
            }
        }

        File.Move(next, _path, overwrite: true);
    }
}

/// <summary>One's own LDIF file: a copy is used, and changed.</summary>
internal sealed class FileSource : SampleSource
{
    public static async Task<FileSource> MakeAsync(string original, string copy, CancellationToken cancellationToken)
    {
        if (!File.Exists(original))
        {
            throw new CommandFailure(ExitCode.Failed, "fileNotFound", $"there is no file {original}", "check --ldif");
        }

        File.Copy(original, copy, overwrite: true);
        SourceSettings settings = new() { Name = SettingsName, Type = SourceType.Ldif, Path = copy };
        SourceSurvey survey = await SourceSurvey.ReadAsync(settings, cancellationToken);
        return new FileSource
        {
            Description = $"a copy of {original}",
            Domains = survey.Domains,
            KnownAddress = survey.KnownAddress,
            Settings = settings,
        };
    }

    public override async Task<string> ChangeAsync(CancellationToken cancellationToken)
    {
        StringBuilder text = new();
        for (int number = 1; number <= Added; number++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n\ndn: cn=postern-quickstart-{number}\nobjectClass: person\ncn: postern-quickstart-{number}\n");
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"mail: {AddedAddress(number, Domains[0])}\n");
        }

        await File.AppendAllTextAsync(Settings.Path!, text.ToString(), cancellationToken);
        return $"{Added} recipients added to the copy";
    }
}

/// <summary>One's own directory: it is only read, so the second cycle finds whatever changed there meanwhile.</summary>
internal sealed class DirectorySource : SampleSource
{
    public static async Task<DirectorySource> MakeAsync(QuickstartOptions options, CancellationToken cancellationToken)
    {
        SourceSettings settings = new()
        {
            Name = SettingsName,
            Type = SourceType.Ldap,
            Url = options.SourceUrl,
            BaseDn = options.BaseDn,
            BindDn = options.BindDn,
            PasswordFile = options.PasswordFile is null ? null : Path.GetFullPath(options.PasswordFile),
        };
        SourceSurvey survey = await SourceSurvey.ReadAsync(settings, cancellationToken);
        return new DirectorySource
        {
            Description = $"{options.BaseDn} at {options.SourceUrl}",
            Domains = survey.Domains,
            KnownAddress = survey.KnownAddress,
            Settings = settings,
        };
    }

    public override Task<string> ChangeAsync(CancellationToken cancellationToken) =>
        Task.FromResult("nothing: quickstart does not write to your directory");
}
