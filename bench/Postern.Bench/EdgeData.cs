using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.Bench;

/// <summary>An edge directory of generated recipients, the same for slapd (as LDIF) and for a Postern edge (as its data folder).</summary>
internal static class EdgeData
{
    /// <summary>Accepted domains: what is looked up by text.</summary>
    private const int Domains = 1000;

    private const int HashBytes = 32;
    private const int BatchOperations = 500;

    /// <summary>Writes edge.ldif, hashes and absent (hex), domains, dns; adds.0.ldif ... with recipients that edge.ldif does not have.</summary>
    public static void Write(string folder, int recipients, int adds, int parts)
    {
        using StreamWriter ldif = Open(folder, "edge.ldif");
        using StreamWriter hashes = Open(folder, "hashes");
        using StreamWriter absent = Open(folder, "absent");
        using StreamWriter domains = Open(folder, "domains");
        ldif.Write($"dn: {EdgeLayout.Suffix}\nobjectClass: organization\no: edge\n\n");
        foreach (string unit in new[] { EdgeLayout.Recipients, EdgeLayout.Configuration, EdgeLayout.AcceptedDomains, EdgeLayout.Accounts, EdgeLayout.Synchronization })
        {
            ldif.Write($"dn: {unit}\nobjectClass: organizationalUnit\nou: {DistinguishedName.Parse(unit).Rdn.Parts[0].Value}\n\n");
        }

        for (int i = 0; i < Domains; i++)
        {
            string domain = string.Create(CultureInfo.InvariantCulture, $"department-{i}.subsidiary-{i % 7}.example.com");
            domains.WriteLine(domain);
            ldif.Write($"dn: cn=domain{i},{EdgeLayout.AcceptedDomains}\nobjectClass: {PosternClasses.AcceptedDomain}\ncn: domain{i}\n{PosternAttributes.DomainName}: {domain}\n{PosternAttributes.DomainType}: authoritative\n\n");
        }

        int number = 0;
        for (; number < recipients; number++)
        {
            WriteRecipient(ldif, number, hashes);
            absent.WriteLine(Convert.ToHexStringLower(Octets("absent", number)));
        }

        for (int part = 0; part < parts; part++)
        {
            using StreamWriter more = Open(folder, string.Create(CultureInfo.InvariantCulture, $"adds.{part}.ldif"));
            for (int i = 0; i < adds; i++)
            {
                WriteRecipient(more, number++, null);
            }
        }
    }

    /// <summary>Fills the data folder of an edge that does not run, and makes an account of the role of a hub, cn=bench.</summary>
    public static async Task LoadAsync(string dataFolder, string ldif, string password)
    {
        EdgePaths paths = new(dataFolder);
        await using DirectoryEngine engine = PosternDirectories.OpenEdge(paths, TimeProvider.System, NullLoggerFactory.Instance);
        using EdgeSubscriptionService service = new(engine, new CertificateStore(paths.KeysFolder), paths, TimeProvider.System);
        await service.EnsureStructureAsync();
        IDirectory directory = engine.As(Principal.System);
        LdapResult account = await directory.AddAsync(new AddRequest(
            $"cn=bench,{EdgeLayout.Accounts}",
            new LdapAttribute("objectClass", PosternClasses.Account),
            new LdapAttribute("userPassword", PasswordHash.Create(Encoding.UTF8.GetBytes(password), PasswordStrength.Random)),
            new LdapAttribute(PosternAttributes.Role, "replication"),
            new LdapAttribute(PosternAttributes.EffectiveTime, "20200101000000Z")));
        account.ThrowIfFailed("account");
        Queue<Task<BatchResult>> inFlight = new();
        foreach (AddRequest[] batch in Adds(ldif).Where(a => !a.Attributes.Any(IsContainer)).Chunk(BatchOperations))
        {
            if (inFlight.Count == 8)
            {
                (await inFlight.Dequeue()).Result.ThrowIfFailed("load");
            }

            inFlight.Enqueue(directory.BatchAsync(batch));
        }

        foreach (Task<BatchResult> task in inFlight)
        {
            (await task).Result.ThrowIfFailed("load");
        }
    }

    /// <summary>Adds the entries of an LDIF file as a hub does, over one connection: LBURP, batches in flight. Prints one line.</summary>
    /// <param name="certificate">PEM of the one certificate that is believed.</param>
    public static async Task LburpAsync(int port, string certificate, string password, string ldif, int batchOperations, int window)
    {
        AddRequest[] adds = [.. Adds(ldif)];
        using X509Certificate2 pinned = X509CertificateLoader.LoadCertificateFromFile(certificate);
        await using LdapConnection connection = await LdapConnection.ConnectAsync(new LdapClientOptions
        {
            Endpoint = new LdapEndpoint("127.0.0.1", port, Ldaps: true),
            Trust = new LdapTrust.Pin(SHA256.HashData(pinned.RawData)),
        });
        await connection.BindAsync($"cn=bench,{EdgeLayout.Accounts}", password);
        Stopwatch watch = Stopwatch.StartNew();
        Queue<Task<BatchResult>> inFlight = new();
        foreach (AddRequest[] batch in adds.Chunk(batchOperations))
        {
            if (inFlight.Count == window)
            {
                (await inFlight.Dequeue()).Result.ThrowIfFailed("batch");
            }

            inFlight.Enqueue(connection.BatchAsync(batch));
        }

        foreach (Task<BatchResult> task in inFlight)
        {
            (await task).Result.ThrowIfFailed("batch");
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"mode=lburp ops={adds.Length} secs={watch.Elapsed.TotalSeconds:F3} ops_s={adds.Length / watch.Elapsed.TotalSeconds:F1} "));
    }

    private static IEnumerable<AddRequest> Adds(string ldif)
    {
        using FileStream file = File.OpenRead(ldif);
        foreach (LdifRecord record in new LdifReader(file, ldif).Read())
        {
            yield return record is LdifContentRecord entry
                ? new AddRequest(entry.Entry.Dn, entry.Entry.Attributes)
                : throw new InvalidDataException($"{ldif}: not an entry");
        }
    }

    private static bool IsContainer(LdapAttribute attribute) =>
        attribute.Description == "objectClass" && attribute.Strings.First() is "organization" or "organizationalUnit";

    private static void WriteRecipient(StreamWriter ldif, int number, StreamWriter? hashes)
    {
        string cn = Convert.ToHexStringLower(Octets("name", number).AsSpan(0, 16));
        ldif.Write($"dn: cn={cn},{EdgeLayout.Recipients}\nobjectClass: {PosternClasses.Recipient}\ncn: {cn}\n");

        // 2.7 addresses each, as in the generated organization.
        int count = number % 10 < 3 ? 2 : 3;
        for (int i = 0; i < count; i++)
        {
            byte[] hash = Octets("hash" + i.ToString(CultureInfo.InvariantCulture), number);
            hashes?.WriteLine(Convert.ToHexStringLower(hash));
            ldif.Write($"{PosternAttributes.AddressHash}:: {Convert.ToBase64String(hash)}\n");
        }

        ldif.Write($"{PosternAttributes.Digest}:: {Convert.ToBase64String(Octets("digest", number).AsSpan(0, 16))}\n{PosternAttributes.Source}: corp\n\n");
    }

    private static byte[] Octets(string what, int number) =>
        SHA256.HashData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{what} {number}")))[..HashBytes];

    private static StreamWriter Open(string folder, string name) => new(Path.Combine(folder, name), append: false, new UTF8Encoding(false)) { NewLine = "\n" };
}
