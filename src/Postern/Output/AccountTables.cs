using Postern.Operations.Accounts;

namespace Postern.Output;

/// <summary>How accounts look to people.</summary>
internal static class AccountTables
{
    public static void Made(TextWriter output, NewAccountResult one)
    {
        output.WriteLine($"account:  {one.Name} ({one.Role})");
        output.WriteLine($"bind DN:  {one.Dn}");
        output.WriteLine($"password: {one.Password}");
        if (one.CertificateSha256 is { } pin)
        {
            output.WriteLine($"certificate SHA-256: {pin}");
        }

        output.WriteLine();
        output.WriteLine("The password is shown this once; only its hash is kept.");
    }

    public static void List(TextWriter output, IReadOnlyList<AccountView> list)
    {
        if (list.Count == 0)
        {
            output.WriteLine("no accounts");
            return;
        }

        TextTable table = new("NAME", "ROLE", "MADE BY", "DN", "CERTIFICATE");
        foreach (AccountView one in list)
        {
            table.Row(one.Name, one.Role, one.MadeBy, one.Dn, one.CertificateSha256);
        }

        table.Write(output);
    }
}
