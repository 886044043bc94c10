using System.Globalization;
using System.Text;
using System.Text.Json;
using Postern.Samples;

// What the scripts in bench/ need and the shell cannot do well:
//   postern-bench organization FOLDER RECIPIENTS   writes org.ldif, known, absent, domains, change.ldif, undo.ldif
//   postern-bench results FILE                     prints the results of `sync start --output json` as lines "type key value"
switch (args)
{
    case ["organization", string folder, string recipients]:
        WriteOrganization(folder, int.Parse(recipients, CultureInfo.InvariantCulture));
        return 0;
    case ["results", string file]:
        PrintResults(file);
        return 0;
    default:
        Console.Error.WriteLine("postern-bench organization FOLDER RECIPIENTS | results FILE");
        return 2;
}

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
