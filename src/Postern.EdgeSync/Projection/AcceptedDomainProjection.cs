using System.Text;
using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Projection;

/// <summary>An accepted domain leaves as its name and type: both are public anyway (the MX record says as much).</summary>
internal sealed class AcceptedDomainProjection(string sourceName) : IProjection
{
    /// <summary>Version of the canonical form: name, line feed, type.</summary>
    private const int Form = 1;

    private readonly ProjectedContent _content = new(SyncPart.AcceptedDomains, Form, sourceName);
    private AcceptedDomain? _domain;

    public UInt128 Digest { get; private set; }

    public SyncPart Part => SyncPart.AcceptedDomains;

    public ReadOnlySpan<AddressHash> Claims => [];

    public string Reason { get; private set; } = "";

    public ProjectionVerdict Project(in SourceEntry source)
    {
        string name = source.Entry.FirstString(PosternAttributes.DomainName) ?? "";
        string typeName = source.Entry.FirstString(PosternAttributes.DomainType) ?? "";
        if (!AcceptedDomain.TryParseType(typeName, out AcceptedDomainType type))
        {
            Reason = $"'{typeName}' is no type of accepted domain";
            return ProjectionVerdict.Skipped;
        }

        if (!AcceptedDomain.TryParse(name, type, out _domain, out string? error))
        {
            Reason = error;
            return ProjectionVerdict.Skipped;
        }

        byte[] text = Encoding.UTF8.GetBytes($"{_domain.Name}\n{AcceptedDomain.TypeName(type)}");
        text.CopyTo(_content.Canonical(text.Length));
        Digest = _content.Digest(text.Length);
        return ProjectionVerdict.Projected;
    }

    public void Dispose()
    {
    }

    public IReadOnlyList<LdapAttribute> Attributes() =>
    [
        new(PosternAttributes.DomainName, _domain!.Name),
        new(PosternAttributes.DomainType, AcceptedDomain.TypeName(_domain.Type)),
    ];
}
