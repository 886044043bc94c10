using System.Globalization;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Testing;

namespace Postern.Bench;

/// <summary>A domain controller of Samba for the scripts: needs root and what `./test` installs.</summary>
internal static class SambaDomain
{
    private const string MailDomain = "lab.example";
    private const string Unit = $"OU=bench,{SambaDc.BaseDn}";

    /// <summary>Contacts, because they are made several times as fast as accounts.</summary>
    public static async Task RunAsync(string folder, int recipients)
    {
        await using SambaDc controller = await SambaDc.StartAsync();
        await using (LdapConnection admin = await LdapConnection.ConnectAsync(
            new LdapClientOptions { Endpoint = LdapEndpoint.Parse(controller.LdapsUrl), Trust = new LdapTrust.CaFile(controller.CertificateFiles.Authority) }))
        {
            await admin.BindAsync(SambaDc.AdminName, SambaDc.AdminPassword);
            (await admin.AddAsync(new AddRequest(Unit, new LdapAttribute("objectClass", "organizationalUnit")))).ThrowIfFailed("add");
            using StreamWriter dns = new(Path.Combine(folder, "dns"));
            for (int i = 0; i < recipients; i++)
            {
                string name = string.Create(CultureInfo.InvariantCulture, $"contact{i}");
                string dn = $"CN={name},{Unit}";
                (await admin.AddAsync(new AddRequest(dn, new LdapAttribute("objectClass", "contact"), new LdapAttribute("proxyAddresses", $"SMTP:{name}@{MailDomain}"))))
                    .ThrowIfFailed($"add {dn}");
                await dns.WriteLineAsync(dn);
            }
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "domains"), $"{MailDomain}\n");
        string fresh = Path.Combine(folder, "domain.new");
        await File.WriteAllLinesAsync(fresh, [controller.LdapsUrl, Unit, SambaDc.AdminName, SambaDc.AdminPassword, controller.CertificateFiles.Authority]);
        File.Move(fresh, Path.Combine(folder, "domain"));
        await Console.In.ReadToEndAsync();
    }
}
