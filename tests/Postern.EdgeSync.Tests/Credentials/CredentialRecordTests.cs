using System.Security.Cryptography;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Enrolment;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Credentials;

public sealed class CredentialRecordTests
{
    [Fact]
    public void Sealed_record_opens_for_its_owner_only()
    {
        using TempFolder folder = new();
        using HubIdentity owner = Identity(folder["a"]);
        using HubIdentity other = Identity(folder["b"]);
        CredentialRecord stored = CredentialRecord.Read(TestCredential.Make(owner.Certificate, "HUB2", password: "pass word").ToOctets())!;
        Assert.Equal("pass word", stored.Open(owner.Keys));
        Assert.True(stored.IsSealedFor(owner.Certificate));
        Assert.False(stored.IsSealedFor(other.Certificate));
        Assert.ThrowsAny<CryptographicException>(() => stored.Open(other.Keys));
    }

    [Fact]
    public void Secret_cannot_be_moved_to_another_record_and_no_time_can_be_changed()
    {
        using TempFolder folder = new();
        using HubIdentity owner = Identity(folder["a"]);
        CredentialRecord stored = TestCredential.Make(owner.Certificate, "HUB2");
        CredentialRecord[] moved =
        [
            stored with { TargetServer = "edge2" },
            stored with { UserName = "ESRA.edge.HUB2.1" },
            stored with { SourceServer = "HUB3" },
            stored with { Kind = CredentialKind.Bootstrap },
            stored with { EffectiveTime = stored.EffectiveTime.AddDays(-1) },
            stored with { ExpirationTime = stored.ExpirationTime!.Value.AddDays(100) },
            stored with { ExpirationTime = null },
        ];
        Assert.All(moved, one => Assert.ThrowsAny<CryptographicException>(() => one.Open(owner.Keys)));
    }

    [Fact]
    public void Damaged_values_and_those_of_other_forms_are_no_records()
    {
        using TempFolder folder = new();
        using HubIdentity owner = Identity(folder["a"]);
        CredentialRecord stored = TestCredential.Make(owner.Certificate, "HUB2");
        byte[] octets = stored.ToOctets();
        for (int length = 0; length < octets.Length; length++)
        {
            Assert.Null(CredentialRecord.Read(octets.AsSpan(0, length)));
        }

        Assert.Null(CredentialRecord.Read((stored with { Version = CredentialRecord.CurrentVersion + 1 }).ToOctets()));
        Assert.Null(CredentialRecord.Read((stored with { Version = 1 }).ToOctets()));
        Assert.Null(CredentialRecord.Read((stored with { Sealed = [] }).ToOctets()));
        Assert.NotNull(CredentialRecord.Read(octets));
        Assert.Null(CredentialRecord.Read([.. octets, .. Enumerable.Repeat((byte)' ', CredentialRecord.MaxOctets)]));
        byte[] damaged = [.. stored.Sealed];
        for (int i = 0; i < damaged.Length; i++)
        {
            damaged[i] ^= 0x20;
            try
            {
                Assert.Equal("secret", (stored with { Sealed = damaged }).Open(owner.Keys)); // octets that say nothing
            }
            catch (CryptographicException)
            {
                // Refused in one way only.
            }

            damaged[i] ^= 0x20;
        }
    }

    [Fact]
    public void Record_says_nothing_secret_as_text()
    {
        using TempFolder folder = new();
        using HubIdentity owner = Identity(folder["a"]);
        CredentialRecord stored = TestCredential.Make(owner.Certificate, "HUB2", password: "pass-word");
        Assert.DoesNotContain("pass-word", stored.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("pass-word", System.Text.Encoding.Latin1.GetString(stored.ToOctets()), StringComparison.Ordinal);
        Assert.DoesNotContain("word", new AccountSecret("a", "pass-word", default, null).ToString(), StringComparison.Ordinal);
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
