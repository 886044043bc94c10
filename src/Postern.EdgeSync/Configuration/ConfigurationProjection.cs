using System.Buffers.Binary;
using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Configuration;

/// <summary>
/// Objects of the configuration leave as their fields, nothing else of their entries: connectors only to their own edges, servers only to
/// edges of their site.
/// </summary>
internal sealed class ConfigurationProjection(string sourceName, string edge, string site) : IProjection
{
    /// <summary>Version of the canonical form: per attribute its name, the number of values, and each value behind its length.</summary>
    private const int Form = 2;

    private readonly Dictionary<ConfigurationClass, ProjectedContent> _contents =
        ConfigurationParts.All.ToDictionary(part => part.Key, part => new ProjectedContent(part.Value, Form, sourceName));

    private IReadOnlyList<LdapAttribute> _attributes = [];

    public SyncPart Part { get; private set; } = ConfigurationParts.All[ConfigurationClasses.AcceptedDomain];

    public UInt128 Digest { get; private set; }

    public ReadOnlySpan<AddressHash> Claims => [];

    public string Reason { get; private set; } = "";

    public ProjectionVerdict Project(in SourceEntry source)
    {
        Reason = "";
        if (ConfigurationParts.ClassOf(source.Entry) is not { } kind)
        {
            return ProjectionVerdict.Skipped;
        }

        Part = ConfigurationParts.All[kind];
        if (!ConfigurationEntry.TryRead(kind, source.Entry, out ConfigurationObject? one, out string? error))
        {
            Reason = $"{kind.Noun} {ConfigurationEntry.NameOf(kind, source.Entry)}: {error}";
            return ProjectionVerdict.Skipped;
        }

        if (kind.ForEdge(one, edge, site) is not { } projected)
        {
            return ProjectionVerdict.Skipped;
        }

        _attributes = ConfigurationEntry.ToAttributes(kind, projected, onEdge: true);
        byte[] canonical = Canonical(_attributes);
        canonical.CopyTo(_contents[kind].Canonical(canonical.Length));
        Digest = _contents[kind].Digest(canonical.Length);
        return ProjectionVerdict.Projected;
    }

    public IReadOnlyList<LdapAttribute> Attributes() => _attributes;

    public void Dispose()
    {
    }

    private static byte[] Canonical(IReadOnlyList<LdapAttribute> attributes)
    {
        using MemoryStream canonical = new();
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (LdapAttribute attribute in attributes)
        {
            canonical.Write(System.Text.Encoding.ASCII.GetBytes(attribute.Description));
            BinaryPrimitives.WriteInt32BigEndian(length, attribute.Values.Count);
            canonical.Write(length);
            foreach (ReadOnlyMemory<byte> value in attribute.Values)
            {
                BinaryPrimitives.WriteInt32BigEndian(length, value.Length);
                canonical.Write(length);
                canonical.Write(value.Span);
            }
        }

        return canonical.ToArray();
    }
}
