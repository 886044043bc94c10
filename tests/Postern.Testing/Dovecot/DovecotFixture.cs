using System.Globalization;

namespace Postern.Testing;

/// <summary>Debian's Dovecot 2.3 with folders of its own, IMAP and POP3 on high ports of 127.0.0.1, with and without STARTTLS. Needs root.</summary>
public sealed class DovecotFixture : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private readonly TempFolder _folder = new(shared: true);
    private ChildProcess? _master;

    private DovecotFixture()
    {
    }

    public int ImapPort { get; } = LoopbackPort.Free();

    public int ImapsPort { get; } = LoopbackPort.Free();

    public int PopPort { get; } = LoopbackPort.Free();

    public int PopsPort { get; } = LoopbackPort.Free();

    /// <summary>The argument of <c>doveconf -c</c>. It includes what is in <see cref="IncludeFolder"/>.</summary>
    public string Configuration => _folder["etc", "dovecot.conf"];

    public string IncludeFolder => _folder["etc", "conf.d"];

    public string Log => File.Exists(_folder["dovecot.log"]) ? File.ReadAllText(_folder["dovecot.log"]) : "";

    /// <param name="files">The certificate that it begins with.</param>
    public static async Task<DovecotFixture> StartAsync(CertificateFiles files, CancellationToken cancellationToken = default)
    {
        Peers.Require("dovecot");
        DovecotFixture dovecot = new();
        try
        {
            await dovecot.StartMasterAsync(files, cancellationToken);
            return dovecot;
        }
        catch
        {
            await dovecot.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_master is not null)
        {
            // SIGTERM to the master, by its id: it ends its own processes.
            await _master.TerminateAsync();
            await _master.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task StartMasterAsync(CertificateFiles files, CancellationToken cancellationToken)
    {
        _folder.CreateFolder("etc", "conf.d");
        _folder.CreateFolder("run");
        _folder.CreateFolder("state");
        await File.WriteAllTextAsync(Configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            base_dir = {{_folder["run"]}}
            state_dir = {{_folder["state"]}}
            log_path = {{_folder["dovecot.log"]}}
            instance_name = postern-test
            protocols = imap pop3
            listen = 127.0.0.1
            mail_location = maildir:{{_folder["mail"]}}/%u
            first_valid_uid = 1
            ssl = yes
            ssl_cert = <{{files.Certificate}}
            ssl_key = <{{files.Key}}
            passdb {
              driver = static
              args = nopassword=y
            }
            userdb {
              driver = static
              args = uid=1 gid=1 home={{_folder["mail"]}}/%u
            }
            service imap-login {
              inet_listener imap {
                port = {{ImapPort}}
              }
              inet_listener imaps {
                port = {{ImapsPort}}
                ssl = yes
              }
            }
            service pop3-login {
              inet_listener pop3 {
                port = {{PopPort}}
              }
              inet_listener pop3s {
                port = {{PopsPort}}
                ssl = yes
              }
            }
            service stats {
              unix_listener stats-writer {
                mode = 0666
              }
            }
            !include_try conf.d/*.conf

            """), cancellationToken);
        _master = ChildProcess.Start(Peers.PathOf("dovecot"), ["-F", "-c", Configuration]);
        foreach (int port in (int[])[ImapPort, ImapsPort, PopPort, PopsPort])
        {
            await LoopbackPort.WaitUntilOpenAsync(port, StartPatience, () => _master.HasExited ? _master.Error + Log : null, cancellationToken);
        }
    }
}
