using Postern.EdgeSync.Configuration;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Testbed;

/// <summary>The accepted domains of a hub, in short words.</summary>
internal sealed class TestDomains(ConfigurationStore store)
{
    public Task AddAsync(string name, AcceptedDomainType type) => store.AddAsync(
        ConfigurationClasses.AcceptedDomain, name, new Dictionary<string, IReadOnlyList<string>> { ["type"] = [AcceptedDomain.TypeName(type)] });

    public Task SetTypeAsync(string name, AcceptedDomainType type) => store.SetAsync(
        ConfigurationClasses.AcceptedDomain, name, null, new Dictionary<string, IReadOnlyList<string>> { ["type"] = [AcceptedDomain.TypeName(type)] });

    public Task RemoveAsync(string name) => store.RemoveAsync(ConfigurationClasses.AcceptedDomain, name);

    public async Task<IReadOnlyList<AcceptedDomain>> ListAsync() =>
        [.. (await store.ListAsync(ConfigurationClasses.AcceptedDomain)).Select(item => item.Object).OfType<AcceptedDomain>()];
}
