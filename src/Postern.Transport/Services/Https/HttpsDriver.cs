using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Postern.Certificates;

namespace Postern.Transport.Services;

/// <summary>Postern's own HTTPS listener: it reads certificate.pem and key.pem of its folder, and reads them again when they change.</summary>
/// <param name="folder">DATA/services/https.</param>
public sealed class HttpsDriver(string folder, ServiceSettings settings) : IServiceDriver
{
    public const string CertificateFile = "certificate.pem";
    public const string KeyFile = "key.pem";

    /// <summary>Where the daemon says at which ADDRESS:PORT it listens, while it does.</summary>
    public const string ListeningFile = "listening";

    public string Name => "https";

    public MailServices Services => MailServices.Https;

    public string? WhyAbsent() => settings.Https.Enabled ? null : "Postern's own HTTPS is left alone (services.json)";

    public Task<IServiceChange> WriteAsync(BindingPlan plan, CancellationToken cancellationToken)
    {
        ServiceFiles files = new();
        string certificate = Path.Combine(folder, CertificateFile);
        string keyFile = Path.Combine(folder, KeyFile);
        if (plan.Https is { } binding)
        {
            byte[] key = ServedPem.Key(binding.Default);
            try
            {
                // The certificate comes last: its coming is what the listener looks for.
                files.WritePrivate(keyFile, key);
                files.WritePrivate(certificate, ServedPem.Chain(binding.Default));
            }
            finally
            {
                CryptographicOperations.ZeroMemory(key);
            }

            foreach (string one in (string[])[Path.GetDirectoryName(folder)!, folder, keyFile, certificate])
            {
                FileOwner.InheritFromFolder(one);
            }
        }
        else
        {
            files.Delete(certificate);
            files.Delete(keyFile);
        }

        return Task.FromResult<IServiceChange>(new ServiceChange(files, false, NotesOf(plan), _ => Task.CompletedTask));
    }

    public Task ValidateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ReloadAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public IReadOnlyList<ServiceProbe> Probes(BindingPlan plan)
    {
        IReadOnlyList<ProbeAddress> addresses = settings.Https.Probes.Count > 0 ? settings.Https.Probes
            : Listening() is { } address ? [new ProbeAddress { Address = address, Implicit = true }] : [];
        return plan.Https is { } binding ? [.. ServiceProbe.Of(MailServices.Https, new ServiceBinding(binding.Default, new Dictionary<string, StoredCertificate>()), ProbeProtocol.Tls, addresses, [])] : [];
    }

    private IReadOnlyList<string> NotesOf(BindingPlan plan) => plan.Https is null || Probes(plan).Count > 0 ? []
        : [$"no listener of Postern is known here, so nothing is compared; https.probes in {ServiceSettingsFile.Name} names one"];

    /// <summary>Null: no daemon listens now. It reads the files when it starts.</summary>
    private string? Listening()
    {
        string file = Path.Combine(folder, ListeningFile);
        if (!File.Exists(file) || !IPEndPoint.TryParse(File.ReadAllText(file).Trim(), out IPEndPoint? address))
        {
            return null;
        }

        IPAddress dialled = address.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : address.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address.Address;
        using Socket socket = new(dialled.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // An address of this machine: the answer comes at once.
            socket.Connect(new IPEndPoint(dialled, address.Port));
            return new IPEndPoint(dialled, address.Port).ToString();
        }
        catch (SocketException)
        {
            // What a daemon left that was killed.
            return null;
        }
    }
}
