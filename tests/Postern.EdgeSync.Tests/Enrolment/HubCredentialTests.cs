using System.Security.Cryptography;
using Postern.EdgeSync.Enrolment;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Enrolment;

[Trait("RFC", "5652")]
public sealed class HubCredentialTests
{
    private static readonly HubCredential Record = new(
        HubCredential.CurrentVersion, "edge1", "edge1.example.net", "HUB2", "hub2.example.com", DateTimeOffset.UnixEpoch, null, "ESRA.edge.HUB2.0", "", []);

    private static readonly HubCredential.Secrets Secrets = new("edge1", "ESRA.edge.HUB2.0", "pass word", "a2V5");

    [Fact]
    public void Sealed_record_opens_for_its_owner_only()
    {
        using TempFolder folder = new();
        using HubIdentity owner = Identity(folder["a"]);
        using HubIdentity other = Identity(folder["b"]);
        HubCredential stored = HubCredential.Read(HubCredential.Seal(Record, Secrets, owner.Certificate).ToOctets())!;
        Assert.Equal(Secrets, stored.Open(owner.Certificate));
        Assert.Equal(HubCredential.Fingerprint(owner.Certificate), stored.CertificateSha256);
        Assert.Throws<CryptographicException>(() => stored.Open(other.Certificate));
    }

    [Fact]
    public void Secrets_cannot_be_moved_to_another_record()
    {
        using TempFolder folder = new();
        using HubIdentity owner = Identity(folder["a"]);
        HubCredential stored = HubCredential.Seal(Record, Secrets, owner.Certificate);
        Assert.Throws<CryptographicException>(() => (stored with { TargetServer = "edge2" }).Open(owner.Certificate));
        Assert.Throws<CryptographicException>(() => (stored with { UserName = "ESRA.edge.HUB2.1" }).Open(owner.Certificate));
    }

    [Fact]
    public void Damaged_values_and_those_of_later_forms_are_no_records()
    {
        using TempFolder folder = new();
        using HubIdentity owner = Identity(folder["a"]);
        HubCredential stored = HubCredential.Seal(Record, Secrets, owner.Certificate);
        byte[] octets = stored.ToOctets();
        for (int length = 0; length < octets.Length; length++)
        {
            Assert.Null(HubCredential.Read(octets.AsSpan(0, length)));
        }

        Assert.Null(HubCredential.Read((stored with { Version = 2 }).ToOctets()));
        Assert.Null(HubCredential.Read(new byte[HubCredential.MaxOctets + 1]));
        byte[] damaged = [.. stored.Sealed];
        for (int i = 0; i < damaged.Length; i += 7)
        {
            damaged[i] ^= 0x20;
            try
            {
                Assert.Equal(Secrets, (stored with { Sealed = damaged }).Open(owner.Certificate)); // octets that say nothing
            }
            catch (CryptographicException)
            {
                // Refused in one way only.
            }

            damaged[i] ^= 0x20;
        }
    }

    [Fact]
    public void Identity_is_made_once()
    {
        using TempFolder folder = new();
        using HubIdentity first = Identity(folder["a"]);
        using HubIdentity second = Identity(folder["a"]);
        Assert.Equal(first.Certificate.RawData, second.Certificate.RawData);
        Assert.True(second.Certificate.HasPrivateKey);
    }

    private static HubIdentity Identity(string root)
    {
        HubPaths paths = new(root);
        PosternDirectories.MakeHubFolders(paths);
        return HubIdentity.Open(paths, "hub2.example.com", "Site", "1.0", TimeProvider.System);
    }
}
