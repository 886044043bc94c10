using System.Globalization;
using System.Text;
using System.Text.Json;
using Postern.Bench;
using Postern.Samples;

// What the scripts in bench/ need and the shell cannot do well:
//   postern-bench organization FOLDER RECIPIENTS   writes org.ldif, known, absent, domains, change.ldif, undo.ldif
//   postern-bench edge FOLDER RECIPIENTS ADDS PARTS   writes edge.ldif, hashes, absent, domains, adds.0.ldif ...: an edge directory and recipients to add
//   postern-bench edge-load DATA LDIF PASSWORD     fills the data folder of an edge that does not run, with an account cn=bench
//   postern-bench lburp PORT PEM PASSWORD LDIF BATCH WINDOW   adds entries over one connection as a hub does
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
    case ["results", string file]:
        PrintResults(file);
        return 0;
    default:
        Console.Error.WriteLine("postern-bench organization | edge | edge-load | lburp | results: see the comment in Program.cs");
        return 2;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static void WriteOrganization(string folder, int recipients)
{
    // Every 100th recipient gets one more address: the second cycle with 1 % changed.
    const int ChangeEvery = 100;
    var organization = new OrganizationGenerator(recipients);
    using StreamWriter ldif = Open(folder, "org.ldif");
    organization.WriteLdif(ldif);
    File.WriteAllLines(Path.Combine(folder, "domains"), organization.MailDomains);
    using StreamWriter known = Open(folder, "known");
    using StreamWriter absent = Open(folder, "absent");
    using StreamWriter change = Open(folder, "change.ldif");
    using StreamWriter undo = Open(folder, "undo.ldif");
    int number = 0;
    foreach (GeneratedRecipient recipient in organization.Recipients())
    {
        recipient.Addresses.ToList().ForEach(known.WriteLine);
        absent.WriteLine(organization.AbsentAddress(number));
        if (number++ % ChangeEvery == 0)
        {
            string dn = Convert.ToBase64String(Encoding.UTF8.GetBytes(recipient.Entry.Dn));
            string value = string.Create(CultureInfo.InvariantCulture, $"smtp:changed.{number}@{organization.MailDomains[0]}");
            change.Write($"dn:: {dn}\nchangetype: modify\nadd: proxyAddresses\nproxyAddresses: {value}\n\n");
            undo.Write($"dn:: {dn}\nchangetype: modify\ndelete: proxyAddresses\nproxyAddresses: {value}\n\n");
        }
    }
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
