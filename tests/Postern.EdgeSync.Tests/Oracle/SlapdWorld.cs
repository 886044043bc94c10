using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Tests.Incidents;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>A real OpenLDAP that follows the world, written by its own tools, read through a line that can be cut.</summary>
internal sealed class SlapdWorld(World world, SlapdFixture slapd, CuttingProxy line, TempFolder folder, TimeProvider time, Action onChange) : ISourceWorld
{
    private const string Unit = "ou=unit";

    /// <summary>Octets of an answer that an entry takes, about.</summary>
    private const int EntryBytes = 300;

    public bool ReadToItsEnd => true;

    private string UnitDn => $"{Unit}{(world.UnitName == 0 ? "" : world.UnitName)},{(world.UnitAway ? Staff.Elsewhere : Staff.People)}";

    public ISource Open() => new LdapSource(
        new SourceSettings
        {
            Name = "slapd",
            Type = SourceType.OpenLdap,
            Url = line.LdapUrl,
            BaseDn = Staff.People,
            BindDn = slapd.ReaderDn,
            PasswordFile = folder.Write("reader.secret", slapd.ReaderPassword),
            Filter = "(&(objectClass=inetOrgPerson)(!(employeeType=disabled)))",
            PageSize = 3,
        },
        time,
        NullLoggerFactory.Instance);

    public async Task ApplyAsync(IReadOnlyList<(Person? Before, Person? After)> changes)
    {
        foreach ((Person? before, Person? after) in changes)
        {
            await ModifyAsync(Ldif(before, after));
            world.Apply(before, after);
            if (after is not null && before?.Id != after.Id)
            {
                world.Identify(after.Slot, await IdOfAsync(Dn(after)));
            }

            onChange();
        }
    }

    /// <summary>A cut comes with the connection or somewhere in an answer; a change comes before the cycle.</summary>
    public void Arm(Fault fault, Func<Step, Task> change)
    {
        line.Refusing = fault.Kind == FaultKind.SourceDown;
        line.CutAfter = fault.Kind == FaultKind.SourceCut ? 14 + (fault.At * EntryBytes) : long.MaxValue;
        if (fault.Kind is FaultKind.SourceDown)
        {
            line.CutAll();
        }
    }

    public Task RestartAsync() => slapd.RestartAsync();

    public void ForgetCookies()
    {
    }

    public Task RestoreAsync() => Task.CompletedTask;

    public Task RenameUnitAsync() => RenameAsync($"{Unit}{world.UnitName - 1}".Replace($"{Unit}0", Unit, StringComparison.Ordinal), UnitDn);

    public Task MoveUnitAsync() => RenameAsync(UnitDn.Split(',')[0], UnitDn, from: world.UnitAway ? Staff.People : Staff.Elsewhere);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>What the directory itself says that there is, by its own client.</summary>
    public async Task<string> DumpAsync() => (await slapd.Tools.SearchAsync("-b", Staff.Base, "(objectClass=*)")).Output;

    private string Dn(Person person) => $"cn={person.Name},{(person.InUnit ? UnitDn : person.Away ? Staff.Elsewhere : Staff.People)}";

    private async Task RenameAsync(string oldName, string dn, string? from = null)
    {
        string parent = dn[(dn.IndexOf(',', StringComparison.Ordinal) + 1)..];
        await ModifyAsync($"dn: {oldName},{from ?? parent}\nchangetype: modrdn\nnewrdn: {dn.Split(',')[0]}\ndeleteoldrdn: 1\nnewsuperior: {parent}\n");
    }

    private string Ldif(Person? before, Person? after)
    {
        if (after is null)
        {
            return $"dn: {Dn(before!)}\nchangetype: delete\n";
        }

        StringBuilder ldif = new();
        if (before is null)
        {
            ldif.Append(CultureInfo.InvariantCulture, $"dn: {Dn(after)}\nchangetype: add\nobjectClass: inetOrgPerson\nobjectClass: mailRecipient\ncn: {after.Name}\nsn: x\n");
            foreach (string value in after.Values)
            {
                ldif.Append(CultureInfo.InvariantCulture, $"proxyAddresses:: {Base64(value)}\n");
            }

            return ldif.Append(after.Disabled ? "employeeType: disabled\n" : "").ToString();
        }

        if (Dn(before) != Dn(after))
        {
            string dn = Dn(after);
            ldif.Append(CultureInfo.InvariantCulture, $"dn: {Dn(before)}\nchangetype: modrdn\nnewrdn: cn={after.Name}\ndeleteoldrdn: 1\nnewsuperior: {dn[(dn.IndexOf(',', StringComparison.Ordinal) + 1)..]}\n");
            return ldif.ToString();
        }

        ldif.Append(CultureInfo.InvariantCulture, $"dn: {Dn(after)}\nchangetype: modify\nreplace: proxyAddresses\n");
        foreach (string value in after.Values)
        {
            ldif.Append(CultureInfo.InvariantCulture, $"proxyAddresses:: {Base64(value)}\n");
        }

        ldif.Append("-\nreplace: employeeType\n").Append(after.Disabled ? "employeeType: disabled\n" : "");
        ldif.Append(CultureInfo.InvariantCulture, $"-\nreplace: displayName\ndisplayName: {Guid.NewGuid()}\n");
        return ldif.ToString();
    }

    private async Task ModifyAsync(string ldif) => (await slapd.Tools.ModifyAsync(ldif)).MustSucceed();

    private async Task<string> IdOfAsync(string dn)
    {
        CommandResult found = await slapd.Tools.SearchAsync("-s", "base", "-b", dn, "(objectClass=*)", "entryUUID");
        found.MustSucceed();
        return found.Output.Split('\n').Single(line => line.StartsWith("entryUUID: ", StringComparison.Ordinal))["entryUUID: ".Length..].Replace("-", "", StringComparison.Ordinal);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
