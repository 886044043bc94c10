using System.Diagnostics.CodeAnalysis;

namespace Postern.Testing;

/// <summary>The real programs that some tests talk to. <c>./test</c> installs them.</summary>
public static class Peers
{
    // Daemons live outside an ordinary user's PATH on Debian.
    private static readonly string[] ExtraFolders = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/lib/postfix/sbin"];

    /// <summary>Missing peer: the test is skipped at home and fails where the environment says <c>CI=true</c>.</summary>
    /// <param name="name"><c>slapd</c>, <c>ldap-utils</c>, <c>postfix</c>, <c>openssl</c>, a Debian package of a library named below, or the name of any program.</param>
    public static void Require(string name)
    {
        if (WhatIsMissing(name) is { } missing)
        {
            Miss(name, missing);
        }
    }

    /// <summary>Ends the test as <see cref="Require"/> does.</summary>
    [DoesNotReturn]
    internal static void Miss(string name, string missing)
    {
        string message = $"This test needs the peer '{name}': {missing}. As root, ./test installs it.";
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException(message);
        }

        throw new SkipException(message);
    }

    /// <summary>Full path of an installed program, or null.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(ExtraFolders)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    internal static string PathOf(string program) => Find(program) ?? throw new FileNotFoundException($"The program {program} is not installed.");

    private static string? WhatIsMissing(string name) => name switch
    {
        "slapd" => MissingProgram("slapd", "slapadd"),
        "ldap-utils" => MissingProgram("ldapsearch", "ldapadd", "ldapmodify", "ldapwhoami"),
        "postfix" => MissingProgram("postfix", "postmap", "postconf") ?? (Environment.IsPrivilegedProcess ? null : "Postfix's master runs as root only"),
        "dovecot" => MissingProgram("dovecot", "doveconf", "doveadm") ?? MissingFile("/usr/lib/dovecot/pop3-login") ?? (Environment.IsPrivilegedProcess ? null : "Dovecot's master runs as root only"),
        "nginx" => MissingProgram("nginx") ?? (Environment.IsPrivilegedProcess ? null : "its certificates are root's only"),
        "samba" => MissingProgram("samba", "samba-tool", "ldbmodify") ?? (Environment.IsPrivilegedProcess ? null : "a domain controller's ports are root's only"),
        "389-ds-base" => MissingProgram("ns-slapd") ?? MissingFile("/usr/share/dirsrv/data/template-dse.ldif"),
        "python3-ldap3" => MissingFile("/usr/lib/python3/dist-packages/ldap3/__init__.py"),
        "python3-ldap" => MissingFile("/usr/lib/python3/dist-packages/ldap/__init__.py"),
        "libnet-ldap-perl" => MissingFile("/usr/share/perl5/Net/LDAP.pm"),
        "libio-socket-ssl-perl" => MissingFile("/usr/share/perl5/IO/Socket/SSL.pm"),
        _ => MissingProgram(name),
    };

    private static string? MissingProgram(params string[] programs) =>
        programs.FirstOrDefault(program => Find(program) is null) is { } missing ? $"{missing} is not installed" : null;

    private static string? MissingFile(string path) => File.Exists(path) ? null : $"there is no {path}";
}
