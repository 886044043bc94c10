using System.Diagnostics;
using System.Globalization;

namespace Postern.Testing;

/// <summary>Debian's Postfix with configuration, queue, data and log folders of its own on a high port of 127.0.0.1. Needs root.</summary>
public sealed class PostfixFixture : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new(shared: true);
    private readonly PostfixOptions _options;
    private bool _started;

    private PostfixFixture(PostfixOptions options)
    {
        _options = options;
        Port = LoopbackPort.Free();
        ConfigFolder = _folder.CreateFolder("etc");
    }

    /// <summary>Where it speaks SMTP.</summary>
    public int Port { get; }

    /// <summary>The argument of <c>postfix -c</c>, <c>postconf -c</c>.</summary>
    public string ConfigFolder { get; }

    /// <summary>Everything it logged so far.</summary>
    public string Log => File.Exists(_folder["log", "mail.log"]) ? File.ReadAllText(_folder["log", "mail.log"]) : "";

    public static async Task<PostfixFixture> StartAsync(PostfixOptions options, CancellationToken cancellationToken = default)
    {
        Peers.Require("postfix");
        var postfix = new PostfixFixture(options);
        try
        {
            await postfix.StartAsync(cancellationToken);
            return postfix;
        }
        catch
        {
            await postfix.DisposeAsync();
            throw;
        }
    }

    public Task<SmtpDialogue> ConnectAsync(CancellationToken cancellationToken = default) => SmtpDialogue.ConnectAsync(Port, cancellationToken);

    /// <summary>Sets a main.cf parameter (<c>name = value</c>) and reloads.</summary>
    public async Task ReconfigureAsync(string line, CancellationToken cancellationToken = default)
    {
        await CommandAsync("postconf", ["-e", line], cancellationToken);
        await CommandAsync("postfix", ["reload"], cancellationToken);
    }

    /// <summary>Asks a map as Postfix itself would: <c>postmap -q key map</c>; null when there is no such key.</summary>
    public async Task<string?> QueryMapAsync(string map, string key, CancellationToken cancellationToken = default)
    {
        CommandResult result = await ChildProcess.RunAsync(
            Peers.PathOf("postmap"), ["-c", ConfigFolder, "-q", key, map], cancellationToken: cancellationToken);
        return result.ExitCode == 0 ? result.Output.TrimEnd('\n')
            : result.Error.Length == 0 ? null : throw new InvalidOperationException(result.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        if (_started)
        {
            // stop asks the processes to end; what is left of them is killed through the master's own pid file.
            int? master = await MasterProcessIdAsync();
            await ChildProcess.RunAsync(Peers.PathOf("postfix"), ["-c", ConfigFolder, "stop"]);
            await EndAsync(master);
        }

        _folder.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        _folder.CreateFolder("queue");
        _folder.CreateFolder("log");
        string data = _folder.CreateFolder("data");
        (await ChildProcess.RunAsync("chown", ["postfix", data], cancellationToken: cancellationToken)).MustSucceed();
        await File.WriteAllTextAsync(Path.Combine(ConfigFolder, "main.cf"), MainConfiguration(), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(ConfigFolder, "master.cf"), MasterConfiguration(), cancellationToken);
        foreach (string line in _options.MainLines)
        {
            await CommandAsync("postconf", ["-e", line], cancellationToken);
        }

        _started = true;
        await CommandAsync("postfix", ["start"], cancellationToken);
        await LoopbackPort.WaitUntilOpenAsync(
            Port, StartPatience, () => Log.Contains("fatal:", StringComparison.Ordinal) ? Log : null, cancellationToken);
    }

    private async Task CommandAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        CommandResult result = await ChildProcess.RunAsync(
            Peers.PathOf(program), ["-c", ConfigFolder, .. arguments], cancellationToken: cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {result}\n{Log}");
        }
    }

    /// <summary>By <c>cat</c>: the master keeps a lock on its pid file, and .NET opens no file that it cannot lock.</summary>
    private async Task<int?> MasterProcessIdAsync()
    {
        CommandResult file = await ChildProcess.RunAsync("cat", [_folder["queue", "pid", "master.pid"]]);
        return int.TryParse(file.Output.Trim(), CultureInfo.InvariantCulture, out int id) ? id : null;
    }

    private static async Task EndAsync(int? id)
    {
        if (id is null)
        {
            return;
        }

        try
        {
            using Process master = Process.GetProcessById(id.Value);
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                await master.WaitForExitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                master.Kill(entireProcessTree: true);
            }
        }
        catch (ArgumentException)
        {
            // It has ended already.
        }
    }

    // meta_directory: dynamicmaps.cf is there. maillog_file_prefixes must cover the folder. No error sleeps and limits: tests ask for many unknown recipients.
    private string MainConfiguration() => $"""
        compatibility_level = 3.6
        meta_directory = /etc/postfix
        shlib_directory = /usr/lib/postfix
        daemon_directory = /usr/lib/postfix/sbin
        command_directory = /usr/sbin
        queue_directory = {_folder["queue"]}
        data_directory = {_folder["data"]}
        mail_owner = postfix
        setgid_group = postdrop
        maillog_file_prefixes = {_folder.Path}
        maillog_file = {_folder["log", "mail.log"]}
        multi_instance_name = postfix-test
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        myhostname = gateway.test
        mydestination =
        local_transport = error:none
        alias_maps =
        alias_database =
        local_recipient_maps =
        mynetworks =
        relay_domains = {_options.RelayDomains}
        relay_recipient_maps = {_options.RelayRecipientMaps}
        relay_transport = relay:[127.0.0.1]:{(_options.RelayPort == 0 ? 9 : _options.RelayPort)}
        smtpd_relay_restrictions = reject_unauth_destination
        smtpd_recipient_restrictions =
        smtpd_peername_lookup = no
        smtp_dns_support_level = disabled
        smtp_host_lookup = native
        smtp_tls_security_level = none
        smtpd_tls_security_level = none
        smtpd_error_sleep_time = 0
        smtpd_soft_error_limit = 1000000
        smtpd_hard_error_limit = 1000000

        """;

    private string MasterConfiguration() => $"""
        127.0.0.1:{Port} inet n - n - - smtpd
        pickup unix n - n 60 1 pickup
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        flush unix n - n 1000? 0 flush
        tlsmgr unix - - n 1000? 1 tlsmgr
        proxymap unix - - n - - proxymap
        smtp unix - - n - - smtp
        relay unix - - n - - smtp
        showq unix n - n - - showq
        error unix - - n - - error
        retry unix - - n - - error
        anvil unix - - n - 1 anvil
        scache unix - - n - 1 scache
        postlog unix-dgram n - n - 1 postlogd

        """;
}
