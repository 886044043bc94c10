using System.Globalization;

namespace Postern.Testing;

/// <summary>Debian's nginx in folders of its own, HTTPS on a high port of 127.0.0.1: a default server and one named <c>webmail.example.com</c>. Needs root.</summary>
public sealed class NginxFixture : IAsyncDisposable
{
    public const string Site = "webmail.example.com";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private readonly TempFolder _folder = new(shared: true);
    private readonly CertificateFiles _files;
    private ChildProcess? _master;

    private NginxFixture(CertificateFiles files)
    {
        _files = files;
        Snippets = _folder.CreateFolder("snippets");
        Configuration = _folder["nginx.conf"];
    }

    public int Port { get; } = LoopbackPort.Free();

    /// <summary>The argument of <c>nginx -c</c>.</summary>
    public string Configuration { get; }

    public string Snippets { get; }

    public string Log => File.Exists(_folder["error.log"]) ? File.ReadAllText(_folder["error.log"]) : "";

    /// <param name="files">The certificate that it begins with.</param>
    public static async Task<NginxFixture> StartAsync(CertificateFiles files, CancellationToken cancellationToken = default)
    {
        Peers.Require("nginx");
        NginxFixture nginx = new(files);
        try
        {
            await nginx.WriteAsync(isIncluded: false, cancellationToken: cancellationToken);
            nginx._master = ChildProcess.Start(Peers.PathOf("nginx"), ["-c", nginx.Configuration, "-g", "daemon off;"]);
            await LoopbackPort.WaitUntilOpenAsync(nginx.Port, StartPatience, () => nginx._master.HasExited ? nginx._master.Error + nginx.Log : null, cancellationToken);
            return nginx;
        }
        catch
        {
            await nginx.DisposeAsync();
            throw;
        }
    }

    /// <summary>What an administrator does by hand: server blocks include the snippets in place of their own certificates.</summary>
    /// <param name="more">Further directives of the http block.</param>
    public Task WriteAsync(bool isIncluded, string more = "", CancellationToken cancellationToken = default)
    {
        string own = $"ssl_certificate {_files.Certificate}; ssl_certificate_key {_files.Key};";
        return File.WriteAllTextAsync(Configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            pid {{_folder["nginx.pid"]}};
            error_log {{_folder["error.log"]}};
            events { worker_connections 64; }
            http {
              access_log off;
              client_body_temp_path {{_folder["body"]}};
              proxy_temp_path {{_folder["proxy"]}};
              fastcgi_temp_path {{_folder["fastcgi"]}};
              uwsgi_temp_path {{_folder["uwsgi"]}};
              scgi_temp_path {{_folder["scgi"]}};
              {{more}}
              server {
                listen 127.0.0.1:{{Port}} ssl default_server;
                {{(isIncluded ? $"include {Snippets}/postern.conf;" : own)}}
                return 200 "default\n";
              }
              server {
                listen 127.0.0.1:{{Port}} ssl;
                server_name {{Site}};
                {{(isIncluded ? $"include {Snippets}/postern-{Site}.conf;" : own)}}
                return 200 "site\n";
              }
            }

            """), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_master is not null)
        {
            await _master.TerminateAsync();
            await _master.DisposeAsync();
        }

        _folder.Dispose();
    }
}
