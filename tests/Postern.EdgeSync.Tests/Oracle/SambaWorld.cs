using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.ActiveDirectory;
using Postern.EdgeSync.Tests.Sources.ActiveDirectory;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>Two units of a real domain that follow the world, one of them read; everybody is a contact.</summary>
/// <param name="reader">Whom the source binds as; null: the administrator, who may replicate.</param>
internal sealed class SambaWorld(World world, DomainFixture domain, string inside, string outside, string? reader, TimeProvider time, Action onChange) : ISourceWorld
{
    private const string Unit = "OU=unit";

    private Fault _fault = Fault.None;

    public bool ReadToItsEnd => true;

    private string UnitRdn => Unit + world.UnitName;

    private string UnitDn => $"{UnitRdn},{(world.UnitAway ? outside : inside)}";

    public ISource Open()
    {
        SourceSettings settings = domain.Settings(inside, reader) with { Filter = "(&(objectClass=contact)(!(info=disabled)))" };
        return new CutSource(new ActiveDirectorySource(settings, time, NullLoggerFactory.Instance), () => _fault);
    }

    public async Task StartAsync() => Succeed(await (await domain.AdminAsync()).AddAsync(new AddRequest(UnitDn, new LdapAttribute("objectClass", "organizationalUnit"))));

    public async Task ApplyAsync(IReadOnlyList<(Person? Before, Person? After)> changes)
    {
        LdapConnection admin = await domain.AdminAsync();
        foreach ((Person? before, Person? after) in changes)
        {
            Succeed(await WriteAsync(admin, before, after));
            world.Apply(before, after);
            if (after is not null && before?.Id != after.Id)
            {
                LdapEntry entry = await admin.SearchAsync(SearchRequest.ReadEntry(Dn(after), "objectGUID")).SingleAsync();
                world.Identify(after.Slot, Convert.ToHexStringLower(entry.Find("objectGUID")!.Values[0].Span));
            }

            onChange();
        }
    }

    public void Arm(Fault fault, Func<Step, Task> change) => _fault = fault;

    public async Task RestartAsync()
    {
        await domain.Controller.KillAsync();
        await domain.Controller.StartAgainAsync();
    }

    public void ForgetCookies()
    {
    }

    public Task RestoreAsync() => Task.CompletedTask;

    public Task RenameUnitAsync() => MoveAsync($"{Unit}{world.UnitName - 1},{(world.UnitAway ? outside : inside)}");

    public Task MoveUnitAsync() => MoveAsync($"{UnitRdn},{(world.UnitAway ? inside : outside)}");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string Dn(Person person) => $"CN={person.Name},{(person.InUnit ? UnitDn : person.Away ? outside : inside)}";

    private async Task MoveAsync(string from) =>
        Succeed(await (await domain.AdminAsync()).ModifyDnAsync(new ModifyDnRequest(from, UnitRdn, true, world.UnitAway ? outside : inside)));

    private Task<LdapResult> WriteAsync(LdapConnection admin, Person? before, Person? after)
    {
        if (after is null)
        {
            return admin.DeleteAsync(new DelRequest(Dn(before!)));
        }

        string dn = Dn(after);
        if (before is null)
        {
            List<LdapAttribute> attributes = [new("objectClass", "contact")];
            attributes.AddRange(Addresses(after).Concat(State(after)).Where(attribute => attribute.Values.Count > 0));
            return admin.AddAsync(new AddRequest(dn, attributes));
        }

        return Dn(before) != dn
            ? admin.ModifyDnAsync(new ModifyDnRequest(Dn(before), $"CN={after.Name}", true, dn[(dn.IndexOf(',', StringComparison.Ordinal) + 1)..]))
            : admin.ModifyAsync(new ModifyRequest(dn, [.. Addresses(after).Concat(State(after)).Select(attribute => new Modification(ModificationType.Replace, attribute))]));
    }

    private static IEnumerable<LdapAttribute> Addresses(Person person) => [new("proxyAddresses", [.. person.Values])];

    private static IEnumerable<LdapAttribute> State(Person person) => [new("info", person.Disabled ? ["disabled"] : []), new("displayName", $"{Guid.NewGuid()}")];

    private static void Succeed(LdapResult result) => result.ThrowIfFailed("change the domain");
}
