using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Postern.Certificates.Tests.Store;

public sealed class NodeCertificatesTests : IDisposable
{
    private const string Name = "edge-cert";

    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly TestFolder _folder = new();
    private readonly CertificateStore _store;

    public NodeCertificatesTests() => _store = new CertificateStore(_folder["keys"]);

    public void Dispose() => _folder.Dispose();

    private NodeCertificates Open() => new(_store, Name, new FixedTime(Now));

    private static X509Certificate2 Make(KeyAlgorithm algorithm = KeyAlgorithm.EcdsaP256) =>
        SelfSignedCertificate.Create(new SelfSignedRequest("edge1", ["edge1.example.com"], algorithm, TimeSpan.FromDays(365)), TimeProvider.System);

    private string[] Files() => [.. Directory.GetFiles(_folder["keys"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static string? Pin(X509Certificate2? certificate) => certificate is null ? null : CertificatePin.Of(certificate).ToString();

    [Fact]
    public void Node_of_an_earlier_version_goes_on_with_the_certificate_that_it_has()
    {
        using X509Certificate2 made = Make();
        _store.Save(Name, made);

        NodeCertificates node = Open();

        Assert.Equal(Pin(made), Pin(node.Current));
        Assert.Equal(Pin(made), Pin(node.Ensure(() => throw new InvalidOperationException("not asked for"))));
        Assert.Equal((null, null, null, null), (node.Next, node.Previous, node.Announced, node.Switched));
        Assert.Equal(["edge-cert.crt.pem", "edge-cert.key.pem"], Files());
    }

    [Fact]
    public void Node_without_a_certificate_has_one_made_once()
    {
        NodeCertificates node = Open();
        Assert.Null(node.Current);
        Assert.Empty(node.All);

        X509Certificate2 made = node.Ensure(() => Make());

        Assert.Same(made, node.Current);
        Assert.Same(made, node.Ensure(() => Make()));
        Assert.Equal(Pin(made), Pin(Open().Current));
    }

    [Theory]
    [InlineData(KeyAlgorithm.Rsa2048)]
    [InlineData(KeyAlgorithm.EcdsaP384)]
    public void Three_slots_survive_a_restart_with_their_keys(KeyAlgorithm algorithm)
    {
        NodeCertificates node = Open();
        string? first = Pin(node.Ensure(() => Make()));
        using X509Certificate2 second = Make(algorithm);
        using X509Certificate2 third = Make();

        node.Announce(second);
        Assert.Equal((first, Pin(second), null), (Pin(node.Current), Pin(node.Next), Pin(node.Previous)));
        Assert.Equal(Now, node.Announced);
        node.Switch();
        Assert.Equal((Pin(second), null, first), (Pin(node.Current), Pin(node.Next), Pin(node.Previous)));
        node.Announce(third);

        NodeCertificates again = Open();
        Assert.Equal((Pin(second), Pin(third), first), (Pin(again.Current), Pin(again.Next), Pin(again.Previous)));
        Assert.Equal((Now, Now), (again.Announced, again.Switched));
        Assert.Equal(3, again.All.Count);
        Assert.All(again.All, one => Assert.True(one.HasPrivateKey));
    }

    [Fact]
    public void What_no_slot_names_any_more_is_deleted_with_its_key()
    {
        NodeCertificates node = Open();
        node.Ensure(() => Make());
        using X509Certificate2 second = Make();
        node.Announce(second);
        node.Switch();
        Assert.Equal(5, Files().Length);

        node.DropPrevious();

        Assert.Equal(3, Files().Length);
        Assert.DoesNotContain("edge-cert.key.pem", Files());
        Assert.Equal(Pin(second), Pin(Open().Current));
        using X509Certificate2 third = Make();
        node.Announce(third);
        node.DropNext();
        Assert.Equal((3, null, null), (Files().Length, node.Next, node.Announced));
    }

    [Fact]
    public void Announcing_again_changes_nothing_and_another_one_replaces_it()
    {
        NodeCertificates node = Open();
        node.Ensure(() => Make());
        using X509Certificate2 one = Make();
        using X509Certificate2 other = Make();
        Assert.Same(node.Announce(one), node.Announce(one));
        node.Announce(other);
        Assert.Equal(Pin(other), Pin(node.Next));
        Assert.Equal(5, Files().Length);
        Assert.Throws<ArgumentException>(() => node.Announce(node.Current!));
        node.Switch();
        Assert.Throws<ArgumentException>(() => node.Announce(node.Previous!));
        Assert.Throws<InvalidOperationException>(node.Switch);
    }

    [Fact]
    public void Superseded_certificates_are_gone_at_once()
    {
        NodeCertificates node = Open();
        node.Ensure(() => Make());
        using X509Certificate2 second = Make();
        using X509Certificate2 third = Make();
        using X509Certificate2 safe = Make();
        node.Announce(second);
        node.Switch();
        node.Announce(third);
        Assert.Throws<ArgumentException>(() => node.Supersede(node.Next!));

        node.Supersede(safe);

        Assert.Equal((Pin(safe), null, null), (Pin(node.Current), Pin(node.Next), Pin(node.Previous)));
        Assert.Equal(3, Files().Length);
        Assert.Equal(Pin(safe), Pin(Open().Current));
    }

    /// <summary>A step is: save the pair (key, then certificate), replace the pointer, delete what it no longer names. Here each prefix of that.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Death_between_the_pair_and_the_pointer_leaves_nothing_behind(bool isWhole)
    {
        string? first = Pin(Open().Ensure(() => Make()));
        using X509Certificate2 earlier = Make();
        Open().Announce(earlier);
        Open().DropNext();
        using X509Certificate2 lost = Make();
        string pair = $"{Name}.{Pin(lost)![..16]}";
        _store.Save(pair, lost);
        if (!isWhole)
        {
            File.Delete(_folder[$"keys/{pair}.crt.pem"]);
        }

        NodeCertificates node = Open();

        Assert.Equal((first, null), (Pin(node.Current), node.Next));
        Assert.Equal(["edge-cert.crt.pem", "edge-cert.key.pem", "edge-cert.slots.json"], Files());
        Assert.Equal(Pin(lost), Pin(node.Announce(lost)));
    }

    [Fact]
    public void Lost_pointer_file_costs_no_key_and_makes_no_stranger()
    {
        NodeCertificates node = Open();
        node.Ensure(() => Make());
        using X509Certificate2 second = Make();
        node.Announce(second);
        byte[] pointer = PrivateFile.Read(_folder["keys/edge-cert.slots.json"]);
        File.Delete(_folder["keys/edge-cert.slots.json"]);
        Assert.NotNull(Open().Current); // the first one: nothing says that it is not in use
        Assert.Equal(4, Files().Length);
        PrivateFile.Replace(_folder["keys/edge-cert.slots.json"], pointer);
        node = Open();
        node.Switch();
        node.DropPrevious();
        pointer = PrivateFile.Read(_folder["keys/edge-cert.slots.json"]);
        File.Delete(_folder["keys/edge-cert.slots.json"]);

        PrivateFileException e = Assert.Throws<PrivateFileException>(() => Open().Ensure(() => Make()));

        Assert.Contains("restore it from a backup", e.Message, StringComparison.Ordinal);
        PrivateFile.Replace(_folder["keys/edge-cert.slots.json"], pointer);
        Assert.Equal(Pin(second), Pin(Open().Current));
    }

    [Fact]
    public void Death_before_deleting_the_old_pair_is_made_good_at_the_start()
    {
        NodeCertificates node = Open();
        node.Ensure(() => Make());
        using X509Certificate2 second = Make();
        using X509Certificate2 third = Make();
        node.Announce(second);
        byte[] certificate = File.ReadAllBytes(_folder[$"keys/{Name}.{Pin(second)![..16]}.crt.pem"]);
        byte[] key = PrivateFile.Read(_folder[$"keys/{Name}.{Pin(second)![..16]}.key.pem"]);
        node.Announce(third);
        PrivateFile.Replace(_folder[$"keys/{Name}.{Pin(second)![..16]}.key.pem"], key);
        PrivateFile.Replace(_folder[$"keys/{Name}.{Pin(second)![..16]}.crt.pem"], certificate);

        Assert.Equal(Pin(third), Pin(Open().Next));

        Assert.Equal(5, Files().Length);
    }

    [Fact]
    public void Files_of_others_are_left_alone()
    {
        Open().Ensure(() => Make());
        using X509Certificate2 other = Make();
        _store.Save("edge-cert.of-mine", other);
        _store.Save("transport-service-cert.0123456789abcdef", other);
        Assert.NotNull(Open().Current);
        Assert.Equal(["edge-cert", "edge-cert.of-mine", "transport-service-cert.0123456789abcdef"], _store.Names());
    }

    [Fact]
    public void Replacement_by_hand_is_taken_while_running_and_half_of_one_is_not()
    {
        NodeCertificates node = Open();
        List<string> heard = [];
        node.Replaced = one => heard.Add($"replaced {Pin(one)}");
        node.Kept = why => heard.Add(why[..1]);
        string? first = Pin(node.Ensure(() => Make()));
        using X509Certificate2 second = Make(KeyAlgorithm.Rsa2048);
        string key = second.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem();

        PrivateFile.Replace(_folder["keys/edge-cert.key.pem"], Encoding.ASCII.GetBytes(key));
        Assert.Equal(first, Pin(node.Current));
        Assert.Equal(first, Pin(node.Current));
        PrivateFile.Replace(_folder["keys/edge-cert.crt.pem"], Encoding.ASCII.GetBytes(second.ExportCertificatePem()));
        Assert.Equal(Pin(second), Pin(node.Current));

        Assert.Equal(["'", $"replaced {Pin(second)}"], heard);
    }

    [Fact]
    public void Who_listens_hears_of_every_change_and_may_look()
    {
        NodeCertificates node = Open();
        List<string?> heard = [];
        node.Changed = () => heard.Add($"{node.All.Count}");
        node.Ensure(() => Make());
        using X509Certificate2 second = Make();
        node.Announce(second);
        node.Announce(second);
        node.Switch();
        node.DropPrevious();
        node.DropPrevious();
        Assert.Equal(["1", "2", "2", "1"], heard);
    }

    [Theory]
    [InlineData("", "does not say which certificate")]
    [InlineData("null", "does not say which certificate")]
    [InlineData("{\"version\":1}", "does not say which certificate")]
    [InlineData("{\"version\":2,\"current\":\"edge-cert\"}", "a newer one wrote it")]
    public void Pointer_file_that_cannot_be_read_is_named(string content, string why)
    {
        Open().Ensure(() => Make());
        PrivateFile.Replace(_folder["keys/edge-cert.slots.json"], Encoding.UTF8.GetBytes(content));

        PrivateFileException e = Assert.Throws<PrivateFileException>(() => Open().Current);

        Assert.Contains("edge-cert.slots.json", e.Message, StringComparison.Ordinal);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pointer_file_to_a_lost_pair_is_no_reason_to_make_another_and_a_lost_next_one_keeps_no_node_from_starting()
    {
        NodeCertificates node = Open();
        string? first = Pin(node.Ensure(() => Make()));
        using X509Certificate2 second = Make();
        node.Announce(second);
        string pair = $"{Name}.{Pin(second)![..16]}";
        byte[] certificate = File.ReadAllBytes(_folder[$"keys/{pair}.crt.pem"]);
        File.Delete(_folder[$"keys/{pair}.crt.pem"]);
        NodeCertificates again = Open();
        Assert.Equal((first, null), (Pin(again.Current), again.Next));
        Assert.Throws<InvalidOperationException>(again.Switch);

        File.WriteAllBytes(_folder[$"keys/{pair}.crt.pem"], certificate);
        again = Open();
        again.Switch();
        File.Delete(_folder[$"keys/{pair}.crt.pem"]);
        Assert.Null(Open().Current);
        Assert.Contains("restore it", Assert.Throws<PrivateFileException>(() => Open().Ensure(() => Make())).Message, StringComparison.Ordinal);
    }
}
