using Microsoft.Extensions.Logging;
using Postern.Directory.Storage;
using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>What every search of one engine shares.</summary>
internal sealed record SearchContext(
    DirectoryOptions Options,
    DirectorySchema Schema,
    IndexSet Indexes,
    IAccessPolicy Policy,
    ReaderPool Readers,
    VirtualEntries Virtual,
    IReadOnlyList<DistinguishedName> Suffixes,
    NameCache Names,
    LdapLimits Limits,
    TimeProvider Time,
    ILogger Log);
