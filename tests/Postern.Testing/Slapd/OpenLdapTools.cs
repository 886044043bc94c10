namespace Postern.Testing;

/// <summary>OpenLDAP's command-line tools (<c>ldap-utils</c>) against a server: an independent client.</summary>
/// <param name="Url"><c>ldap://127.0.0.1:port</c> or <c>ldaps://...</c>.</param>
/// <param name="BindDn">null: no bind.</param>
/// <param name="AuthorityFile">PEM file that the server's certificate must chain to (LDAPTLS_CACERT).</param>
public sealed record OpenLdapTools(string Url, string? BindDn, string Password, string? AuthorityFile)
{
    /// <summary>The tool's arguments follow the connection's: base, scope, filter, attributes.</summary>
    public Task<CommandResult> SearchAsync(params string[] arguments) => RunAsync("ldapsearch", "", ["-LLL", "-o", "ldif-wrap=no", .. arguments]);

    /// <param name="ldif">Content records to add.</param>
    public Task<CommandResult> AddAsync(string ldif, params string[] arguments) => RunAsync("ldapadd", ldif, arguments);

    /// <param name="ldif">Change records.</param>
    public Task<CommandResult> ModifyAsync(string ldif, params string[] arguments) => RunAsync("ldapmodify", ldif, arguments);

    public Task<CommandResult> DeleteAsync(params string[] dns) => RunAsync("ldapdelete", "", dns);

    public Task<CommandResult> WhoAmIAsync() => RunAsync("ldapwhoami", "", []);

    /// <summary>Runs any of the tools with these connection settings.</summary>
    public Task<CommandResult> RunAsync(string tool, string input, params string[] arguments)
    {
        Peers.Require("ldap-utils");
        string[] bind = BindDn is null ? [] : ["-D", BindDn, "-w", Password];
        var environment = new Dictionary<string, string?>
        {
            // Only what is said here counts, not the machine's or the user's ldaprc.
            ["LDAPNOINIT"] = AuthorityFile is null ? "1" : null,
            ["LDAPTLS_CACERT"] = AuthorityFile,
            ["LDAPTLS_REQCERT"] = "demand",
        };
        return ChildProcess.RunAsync(Peers.PathOf(tool), ["-x", "-H", Url, .. bind, .. arguments], input, environment);
    }

    /// <summary>Tells how, not the password.</summary>
    public override string ToString() => $"{Url} as {BindDn ?? "nobody"}";
}
