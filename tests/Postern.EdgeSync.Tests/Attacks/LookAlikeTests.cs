using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Diagnosis;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Attacks;

/// <summary>Another machine at the edge's address, by DNS, ARP or a route: it may look like the edge, and is told nothing.</summary>
public sealed class LookAlikeTests
{
    [Fact]
    public async Task Certificate_with_the_same_names_dates_and_serial_number_is_refused_before_a_word_is_said()
    {
        await using Ward ward = await Ward.OpenAsync();
        using X509Certificate2 copy = LookAlike(ward.Edge.Service.Certificate!);
        Assert.Equal(ward.Edge.Service.Certificate!.SerialNumber, copy.SerialNumber);
        await RefusedAsync(ward, copy);
    }

    /// <summary>The hub trusts one certificate, not who issued it: an authority of the machine's store does not help an attacker.</summary>
    [Fact]
    public async Task Certificate_of_an_authority_for_the_right_name_is_refused_before_a_word_is_said()
    {
        await using Ward ward = await Ward.OpenAsync();
        using Certs authority = Certs.Create();
        using X509Certificate2 issued = authority.IssueServer(TestEdge.Fqdn);
        await RefusedAsync(ward, issued);
    }

    [Fact]
    public async Task Import_meets_a_look_alike_and_the_bootstrap_password_stays_secret()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        using X509Certificate2 copy = LookAlike(edge.Service.Certificate!);
        await using HostileEdge machine = new(copy, _ => null);
        await Assert.ThrowsAnyAsync<Exception>(() => hub.Subscriptions.ImportAsync(file, "Site", machine.Address));
        Assert.Empty(machine.Heard);
        Assert.Empty(await hub.Subscriptions.ListAsync());

        // It was not used: the right edge still takes it.
        await hub.Subscriptions.ImportAsync(file, "Site", edge.Address);
    }

    private static async Task RefusedAsync(Ward ward, X509Certificate2 certificate)
    {
        await using HostileEdge machine = new(certificate, _ => null);
        await ward.DialAsync(machine.Address);
        IReadOnlyList<SyncResult> results = await ward.TrySynchronizeAsync();
        Assert.All(results, result => Assert.Equal(SyncOutcome.CouldNotConnect, result.Result));
        Assert.All(results, result => Assert.Contains("not the pinned", result.FailureDetails, StringComparison.Ordinal));
        Assert.Empty(machine.Heard);
    }

    /// <summary>All that can be copied without the private key.</summary>
    private static X509Certificate2 LookAlike(X509Certificate2 original)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(original.SubjectName, key, HashAlgorithmName.SHA256);
        foreach (X509Extension extension in original.Extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        using X509Certificate2 bare = request.Create(
            original.SubjectName, X509SignatureGenerator.CreateForECDsa(key), original.NotBefore, original.NotAfter, original.SerialNumberBytes.Span);
        using X509Certificate2 whole = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null);
    }
}
