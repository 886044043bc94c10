using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources.ActiveDirectory;
using Postern.EdgeSync.Sources.Files;

namespace Postern.EdgeSync.Sources;

/// <summary>Makes the source that settings describe.</summary>
public sealed class SourceFactory(TimeProvider time, ILoggerFactory loggerFactory)
{
    public ISource Create(SourceSettings settings) => settings.Type switch
    {
        SourceType.Ldif => new LdifSource(settings, time),
        SourceType.ActiveDirectory => new ActiveDirectorySource(settings, time, loggerFactory),
        _ => new LdapSource(settings, time, loggerFactory),
    };
}
