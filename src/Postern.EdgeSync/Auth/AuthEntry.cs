using Postern.EdgeSync.Rotation;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Auth;

/// <summary>The auth configuration as an entry (posternAuthConfiguration): with the sealed keys inside, without them on edges.</summary>
internal static class AuthEntry
{
    private const string CommonName = "auth";

    private static readonly string[] PublicAttributes =
    [
        PosternAttributes.AuthIssuer, PosternAttributes.AuthCertificate, PosternAttributes.NextCertificate, PosternAttributes.PreviousCertificate,
        PosternAttributes.EffectiveTime, PosternAttributes.CertificateTime,
    ];

    /// <param name="dn">Inside or on an edge.</param>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="LdapException">The directory cannot be read.</exception>
    public static async Task<LdapEntry?> FindAsync(IDirectory directory, string dn, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (LdapEntry entry in directory.SearchAsync(SearchRequest.ReadEntry(dn, [.. PublicAttributes, PosternAttributes.AuthKey]), cancellationToken))
            {
                return entry;
            }
        }
        catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
        {
        }

        return null;
    }

    public static AuthConfiguration Read(LdapEntry entry) => new(
        entry.FirstString(PosternAttributes.AuthIssuer) ?? "",
        EdgeAnnouncements.Value(entry, PosternAttributes.AuthCertificate),
        EdgeAnnouncements.Value(entry, PosternAttributes.NextCertificate),
        EdgeAnnouncements.Value(entry, PosternAttributes.PreviousCertificate),
        SyncStateEntry.ReadTime(entry, PosternAttributes.EffectiveTime),
        SyncStateEntry.ReadTime(entry, PosternAttributes.CertificateTime));

    public static AddRequest ToAdd(string dn, AuthConfiguration one, IReadOnlyList<AuthKeyRecord> keys) => new(
        dn,
        [
            new("objectClass", PosternClasses.AuthConfiguration),
            new("cn", CommonName),
            .. Public(one).Where(attribute => attribute.Values.Count > 0),
            .. keys.Count > 0 ? (LdapAttribute[])[new LdapAttribute(PosternAttributes.AuthKey, [.. keys.Select(key => (ReadOnlyMemory<byte>)key.ToOctets())])] : [],
        ]);

    /// <summary>Whatever stands there.</summary>
    public static ModifyRequest ToReplace(string dn, AuthConfiguration one) =>
        new(dn, [.. Public(one).Select(attribute => new Modification(ModificationType.Replace, attribute))]);

    /// <summary>Fails when another hub has changed it meanwhile.</summary>
    public static ModifyRequest ToMove(string dn, AuthConfiguration before, AuthConfiguration after, IReadOnlyList<AuthKeyRecord> added) => new(
        dn,
        [
            .. Public(before).Where(one => one.Values.Count > 0).Select(one => new Modification(ModificationType.Delete, one)),
            .. Public(after).Where(one => one.Values.Count > 0).Select(one => new Modification(ModificationType.Add, one)),
            .. added.Select(key => new Modification(ModificationType.Add, new LdapAttribute(PosternAttributes.AuthKey, [key.ToOctets()]))),
        ]);

    private static IEnumerable<LdapAttribute> Public(AuthConfiguration one)
    {
        yield return new LdapAttribute(PosternAttributes.AuthIssuer, one.Issuer);
        yield return Octets(PosternAttributes.AuthCertificate, one.Current);
        yield return Octets(PosternAttributes.NextCertificate, one.Next);
        yield return Octets(PosternAttributes.PreviousCertificate, one.Previous);
        yield return Time(PosternAttributes.EffectiveTime, one.Effective);
        yield return Time(PosternAttributes.CertificateTime, one.Changed);
    }

    private static LdapAttribute Octets(string name, ReadOnlyMemory<byte> value) => new(name, value.IsEmpty ? Array.Empty<ReadOnlyMemory<byte>>() : [value]);

    private static LdapAttribute Time(string name, DateTimeOffset? time) =>
        time is { } one ? new LdapAttribute(name, SyncStateEntry.PrintTime(one)) : new LdapAttribute(name, Array.Empty<ReadOnlyMemory<byte>>());
}
