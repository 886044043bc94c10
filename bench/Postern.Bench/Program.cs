using System.Globalization;
using System.Text;
using System.Text.Json;
using Postern.Bench;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;
using Postern.Samples;

// What the scripts in bench/ need and the shell cannot do well:
//   postern-bench organization FOLDER RECIPIENTS   writes org.ldif, known, absent, domains, dns, change.ldif, undo.ldif, mix.1.ldif ...
//   postern-bench edge FOLDER RECIPIENTS ADDS PARTS   writes edge.ldif, hashes, absent, domains, adds.0.ldif ...: an edge directory and recipients to add
//   postern-bench edge-load DATA LDIF PASSWORD     fills the data folder of an edge that does not run, with an account cn=bench
//   postern-bench lburp PORT PEM PASSWORD LDIF BATCH WINDOW   adds entries over one connection as a hub does
//   postern-bench latency LABEL CHANGES ORG SOURCE BINDDN PASSWORD COPY COPY-BASE COPY-BINDDN COPY-PASSWORD [KEYFILE]   tsv lines: how long until
//                                                  a change of SOURCE shows in COPY (both ldap://); with the key file of an edge by hash
//                                                  (a source of ldaps:// is trusted by the CA in the environment's BENCH_CA)
//   postern-bench samba FOLDER RECIPIENTS          a domain controller of Samba with so many contacts until its input ends; writes dns, domains
//                                                  and domain: url, base, account, password, CA, a line each
//   postern-bench results FILE                     prints the results of `sync start --output json` as lines "type key value"
switch (args)
{
    case ["organization", string folder, string recipients]:
        WriteOrganization(folder, Number(recipients));
        return 0;
    case ["edge", string folder, string recipients, string adds, string parts]:
        EdgeData.Write(folder, Number(recipients), Number(adds), Number(parts));
        return 0;
    case ["edge-load", string data, string ldif, string password]:
        await EdgeData.LoadAsync(data, ldif, password);
        return 0;
    case ["lburp", string port, string certificate, string password, string ldif, string batch, string window]:
        await EdgeData.LburpAsync(Number(port), certificate, password, ldif, Number(batch), Number(window));
        return 0;
    case ["latency", string label, string changes, string org, string source, string bindDn, string password, string copy, string copyBase, string copyDn, string copyPassword, .. string[] keyFile]:
        await MeasureLatencyAsync(label, Number(changes), org, (source, bindDn, password), (copy, copyDn, copyPassword), copyBase, keyFile.FirstOrDefault());
        return 0;
    case ["samba", string folder, string recipients]:
        await SambaDomain.RunAsync(folder, Number(recipients));
        return 0;
    case ["results", string file]:
        PrintResults(file);
        return 0;
    default:
        Console.Error.WriteLine("postern-bench organization | edge | edge-load | lburp | latency | samba | results: see the comment in Program.cs");
        return 2;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static void WriteOrganization(string folder, int recipients)
{
    // Every 100th recipient gets one more address: the second cycle with 1 % changed.
    const int ChangeEvery = 100;

    // How many runs can have a mix of their own: 1 % deleted, 1 % created, 5 % modified each.
    const int Mixes = 9;
    var organization = new OrganizationGenerator(recipients);
    using StreamWriter ldif = Open(folder, "org.ldif");
    organization.WriteLdif(ldif);
    File.WriteAllLines(Path.Combine(folder, "domains"), organization.MailDomains);
    using StreamWriter known = Open(folder, "known");
    using StreamWriter absent = Open(folder, "absent");
    using StreamWriter change = Open(folder, "change.ldif");
    using StreamWriter undo = Open(folder, "undo.ldif");
    using StreamWriter dns = Open(folder, "dns");
    StreamWriter[] mixes = [.. Enumerable.Range(1, Mixes).Select(mix => Open(folder, string.Create(CultureInfo.InvariantCulture, $"mix.{mix}.ldif")))];
    int number = 0;
    foreach (GeneratedRecipient recipient in organization.Recipients())
    {
        recipient.Addresses.ToList().ForEach(known.WriteLine);
        absent.WriteLine(organization.AbsentAddress(number));
        OneOfMix(recipient, number);
        if (number++ % ChangeEvery == 0)
        {
            string dn = Convert.ToBase64String(Encoding.UTF8.GetBytes(recipient.Entry.Dn));
            string value = string.Create(CultureInfo.InvariantCulture, $"smtp:changed.{number}@{organization.MailDomains[0]}");
            change.Write($"dn:: {dn}\nchangetype: modify\nadd: proxyAddresses\nproxyAddresses: {value}\n\n");
            undo.Write($"dn:: {dn}\nchangetype: modify\ndelete: proxyAddresses\nproxyAddresses: {value}\n\n");
        }
    }

    Array.ForEach(mixes, mix => mix.Dispose());

    // Of each hundred recipients mix k deletes number k, modifies five others and creates one: 1 % deleted, 1 % created, 5 % modified.
    void OneOfMix(GeneratedRecipient recipient, int index)
    {
        int place = index % 100;
        string dn = Convert.ToBase64String(Encoding.UTF8.GetBytes(recipient.Entry.Dn));
        if (place is >= 1 and <= Mixes)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"mix-{place}-{index}");
            string parent = recipient.Entry.Dn[(recipient.Entry.Dn.IndexOf(',', StringComparison.Ordinal) + 1)..];
            mixes[place - 1].Write($"dn:: {dn}\nchangetype: delete\n\n");
            mixes[place - 1].Write($"dn: cn={name},{parent}\nchangetype: add\nobjectClass: inetOrgPerson\nobjectClass: mailRecipient\ncn: {name}\nsn: {name}\nmail: {name}@{organization.MailDomains[0]}\nproxyAddresses: SMTP:{name}@{organization.MailDomains[0]}\n\n");
            return;
        }

        dns.WriteLine(recipient.Entry.Dn);
        if (place is >= 50 and < 50 + (5 * Mixes))
        {
            int mix = (place - 50) / 5;
            string value = string.Create(CultureInfo.InvariantCulture, $"smtp:mixed.{index}@{organization.MailDomains[0]}");
            mixes[mix].Write($"dn:: {dn}\nchangetype: modify\nadd: proxyAddresses\nproxyAddresses: {value}\n\n");
        }
    }
}

static async Task MeasureLatencyAsync(
    string label, int changes, string org, (string Url, string Dn, string Password) source, (string Url, string Dn, string Password) copy, string copyBase, string? keyFile)
{
    await using LdapConnection at = await ConnectAsync(source);
    await using LdapConnection look = await ConnectAsync(copy);
    AddressHashKey? key = keyFile is null ? null : AddressHashKey.FromBytes(File.ReadAllBytes(keyFile));
    Filter By(string address) => key is null ? Filter.Equal("proxyAddresses", $"smtp:{address}") : ChangeLatency.ByHash(key, address);
    await new ChangeLatency(at, look, copyBase, By).RunAsync(label, File.ReadAllLines(Path.Combine(org, "dns")), File.ReadLines(Path.Combine(org, "domains")).First(), changes);
}

static async Task<LdapConnection> ConnectAsync((string Url, string Dn, string Password) server)
{
    LdapTrust trust = Environment.GetEnvironmentVariable("BENCH_CA") is { Length: > 0 } authority ? new LdapTrust.CaFile(authority) : new LdapTrust.System();
    LdapConnection connection = await LdapConnection.ConnectAsync(new LdapClientOptions { Endpoint = LdapEndpoint.Parse(server.Url), Trust = trust });
    await connection.BindAsync(server.Dn, server.Password);
    return connection;
}

static StreamWriter Open(string folder, string name) => new(Path.Combine(folder, name), append: false, new UTF8Encoding(false)) { NewLine = "\n" };

static void PrintResults(string file)
{
    using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
    JsonElement results = document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement : document.RootElement.GetProperty("results");
    foreach (JsonElement result in results.EnumerateArray())
    {
        string type = result.GetProperty("type").GetString()!;
        TimeSpan took = result.GetProperty("endUtc").GetDateTimeOffset() - result.GetProperty("startUtc").GetDateTimeOffset();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{type} seconds {took.TotalSeconds:F3}"));
        foreach (JsonProperty property in result.EnumerateObject().Where(p => p.Value.ValueKind is JsonValueKind.Number or JsonValueKind.String))
        {
            Console.WriteLine($"{type} {property.Name} {property.Value}");
        }
    }
}
