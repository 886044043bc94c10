using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Postern.Certificates;

/// <summary>
/// The certificates of this node, one folder (0700) per certificate, named by its SHA-256: certificate.pem, chain.pem, key.pem (0600) and
/// metadata.json; a pending request has request.pem in place of the first two. A folder comes by one rename and goes by one: a reader, or a
/// process after a power cut, sees all of a set or nothing of it. Reading takes no lock; who changes something holds <see cref="LockAsync"/>.
/// </summary>
/// <param name="folder">Made, 0700, with the first certificate.</param>
public sealed class LocalCertificateStore(string folder, TimeProvider time)
{
    /// <summary>Certificates and requests. Far more than a mail server has; a runaway script stops here. Ours.</summary>
    public const int MaxSets = 1000;

    /// <summary>Digits of a thumbprint that are enough if they fit one certificate only. Ours.</summary>
    public const int MinPrefix = 8;

    private const string CertificateFile = "certificate.pem";
    private const string ChainFile = "chain.pem";
    internal const string KeyFile = "key.pem";
    private const string RequestFile = "request.pem";
    private const string MetadataFile = "metadata.json";
    private const string LockFile = ".lock";
    private const string NewPrefix = ".new-";
    private const string GonePrefix = ".gone-";

    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(30);

    public string Folder => folder;

    /// <summary>By AddedUtc, the oldest first. A set that cannot be read is in <paramref name="damaged"/>, and hides no other.</summary>
    public IReadOnlyList<StoredCertificate> All(out IReadOnlyList<CertificateStoreException> damaged)
    {
        List<StoredCertificate> sets = [];
        List<CertificateStoreException> faults = [];
        foreach (string set in Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Where(IsSet) : [])
        {
            try
            {
                sets.Add(ReadSet(set));
            }
            catch (DirectoryNotFoundException)
            {
                // Removed meanwhile.
            }
            catch (CertificateStoreException e)
            {
                faults.Add(e);
            }
        }

        damaged = faults;
        return [.. sets.OrderBy(one => one.Metadata.AddedUtc).ThenBy(one => one.Sha256, StringComparer.Ordinal)];
    }

    public IReadOnlyList<StoredCertificate> All() => All(out _);

    /// <param name="identity">Thumbprint or SHA-256, in either letter case, with blanks and colons or without, <c>server\</c> in front or
    /// not; or the first <see cref="MinPrefix"/> digits or more.</param>
    /// <exception cref="CertificateStoreException">None or several.</exception>
    public StoredCertificate Find(string identity)
    {
        StoredCertificate[] found = [.. All().Where(one => Fits(identity, one.Thumbprint, one.Sha256))];
        return found.Length switch
        {
            1 => found[0],
            0 => throw new CertificateStoreException("notFound", $"there is no certificate '{identity.Trim()}' in {folder}",
                $"`postern certificate list` shows what there is; give the thumbprint, or at least its first {MinPrefix} digits"),
            _ => throw new CertificateStoreException("ambiguous", $"'{identity.Trim()}' fits {found.Length} certificates: {string.Join(", ", found.Select(one => one.Thumbprint))}",
                "give more digits"),
        };
    }

    /// <summary>Whether somebody who writes <paramref name="identity"/> may mean the certificate of these digests; see <see cref="Find"/>.</summary>
    public static bool Fits(string identity, string thumbprint, string sha256) => Digits(identity) is { Length: >= MinPrefix } digits
        && (sha256.StartsWith(digits, StringComparison.OrdinalIgnoreCase) || thumbprint.StartsWith(digits, StringComparison.OrdinalIgnoreCase));

    /// <summary>The certificate with its key, ready to be served, signed or exported.</summary>
    /// <exception cref="CertificateStoreException">It has none here, or it is a request.</exception>
    public static X509Certificate2 LoadWithKey(StoredCertificate stored)
    {
        if (stored.Certificate is null)
        {
            throw new CertificateStoreException("pending", $"{stored.Thumbprint} is a request that waits for its certificate", "import the certificate that the authority made of it");
        }

        byte[] key = ReadKey(stored);
        try
        {
            return KeyForPlatform.Attach(X509Certificate2.CreateFromPem(stored.Certificate.ExportCertificatePem(), Encoding.ASCII.GetString(key)));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CertificateStoreException("damaged", $"the key of {stored.Thumbprint} in {stored.Folder} does not fit: {e.Message}", "restore the folder from a backup, or remove it", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>The key as it lies on disk, PKCS #8 PEM. A secret: clear it after use.</summary>
    public static byte[] ReadKey(StoredCertificate stored)
    {
        try
        {
            return stored.HasPrivateKey
                ? PrivateFile.Read(stored.KeyFile)
                : throw new CertificateStoreException("noKey", $"the private key of {stored.Thumbprint} is not on this node", "import the certificate together with its key");
        }
        catch (Exception e) when (e is PrivateFileException or IOException)
        {
            throw new CertificateStoreException("damaged", e.Message, "restore the folder from a backup, or mend what the message names", e);
        }
    }

    /// <summary>Only one process changes the store at a time. Also sweeps up what a killed one left.</summary>
    /// <exception cref="CertificateStoreException">Somebody else has held it for half a minute.</exception>
    public async Task<IDisposable> LockAsync(CancellationToken cancellationToken)
    {
        PrivateFile.CreateFolder(folder);
        FileOwner.InheritFromFolder(folder);
        string path = Path.Combine(folder, LockFile);
        DateTimeOffset until = time.GetUtcNow() + LockPatience;
        while (true)
        {
            try
            {
                FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
                if (!OperatingSystem.IsWindows())
                {
                    options.UnixCreateMode = PrivateFile.OwnerOnly;
                }

                FileStream held = new(path, options);
                try
                {
                    FileOwner.InheritFromFolder(path);
                    Sweep();
                    return held;
                }
                catch
                {
                    await held.DisposeAsync().ConfigureAwait(false);
                    throw;
                }
            }
            catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
            {
                if (time.GetUtcNow() >= until)
                {
                    throw new CertificateStoreException("locked", $"another process is changing the certificates in {folder}: {e.Message}", "wait until it is done, then try again", e);
                }

                await Task.Delay(LockPause, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Adds a certificate. Without a key of its own it takes that of the pending request that it answers, which is a request no longer,
    /// or of a certificate that has the same. One that is there without its key gets it.</summary>
    /// <exception cref="CertificateStoreException">It is there already; or the store is full.</exception>
    public StoredCertificate Add(CertificateBundle bundle, CertificateMetadata metadata)
    {
        X509Certificate2 certificate = bundle.Certificate;
        IReadOnlyList<StoredCertificate> sets = All();
        string id = Sha256(certificate.RawDataMemory.Span);
        StoredCertificate? same = sets.FirstOrDefault(one => one.Sha256 == id);
        byte[] publicKey = certificate.PublicKey.ExportSubjectPublicKeyInfo();
        StoredCertificate? request = RequestFor(certificate, sets);

        // An authority may issue a second certificate for a key that has one already.
        StoredCertificate? holder = request ?? sets.FirstOrDefault(one => one is { HasPrivateKey: true, Certificate: { } other }
            && other.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey));
        if (same is { HasPrivateKey: true } || (same is not null && !certificate.HasPrivateKey && holder is null))
        {
            throw new CertificateStoreException("alreadyThere", $"certificate {same.Thumbprint} ('{certificate.Subject}') is in the store already",
                $"`postern certificate show {same.Thumbprint}` shows it");
        }

        byte[]? key = certificate.HasPrivateKey ? PrivateKeyPem.Write(certificate) : holder is not null ? ReadKey(holder) : null;
        try
        {
            metadata = metadata with
            {
                AddedUtc = time.GetUtcNow(),
                Origin = request is not null ? CertificateOrigin.Requested : metadata.Origin,
                FriendlyName = metadata.FriendlyName ?? bundle.FriendlyName ?? request?.Metadata.FriendlyName ?? same?.Metadata.FriendlyName,

                // Whoever made the key said whether it may be given out; another certificate for it changes nothing about that.
                IsExportable = holder is null ? metadata.IsExportable : holder.Metadata.IsExportable,
                Replaces = metadata.Replaces ?? request?.Metadata.Replaces,
            };
            if (same is not null)
            {
                // A set is never changed in place but for its metadata.
                Discard(same.Folder);
            }

            string chain = string.Concat(bundle.Chain.Select(one => one.ExportCertificatePem() + "\n"));
            StoredCertificate added = WriteSet(id, [(CertificateFile, Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n")), (ChainFile, Encoding.ASCII.GetBytes(chain))], key, metadata);
            if (request is not null)
            {
                Discard(request.Folder);
            }

            return added;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <returns>The request that waits for a certificate of this key; null: none does.</returns>
    public static StoredCertificate? RequestFor(X509Certificate2 certificate, IReadOnlyList<StoredCertificate> sets)
    {
        byte[] publicKey = certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return sets.FirstOrDefault(one => one.Request is { } request && PublicKeyOf(request).AsSpan().SequenceEqual(publicKey));
    }

    /// <summary>Keeps the key of a request until its certificate comes.</summary>
    /// <param name="request">PKCS #10, DER.</param>
    /// <param name="key">Its key, PKCS #8 PEM.</param>
    /// <exception cref="CertificateStoreException">Another request waits for a certificate of this key; or the store is full.</exception>
    public StoredCertificate AddRequest(ReadOnlyMemory<byte> request, byte[] key, CertificateMetadata metadata)
    {
        // An answer could not be told which of two it belongs to.
        byte[] publicKey = PublicKeyOf(request);
        if (All().FirstOrDefault(one => one.Request is { } other && PublicKeyOf(other).AsSpan().SequenceEqual(publicKey)) is { } waiting)
        {
            throw new CertificateStoreException("alreadyThere", $"the request {waiting.Thumbprint} waits for a certificate of the same key already",
                $"`postern certificate export {waiting.Thumbprint}` prints it again; `postern certificate remove {waiting.Thumbprint}` drops it");
        }

        return WriteSet(Sha256(request.Span), [(RequestFile, Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE REQUEST", request.Span) + "\n"))], key,
            metadata with { AddedUtc = time.GetUtcNow(), Origin = CertificateOrigin.Requested });
    }

    /// <summary>Replaces what the node knows of it, in one step.</summary>
    public static StoredCertificate Update(StoredCertificate stored, CertificateMetadata metadata)
    {
        string path = Path.Combine(stored.Folder, MetadataFile);
        PrivateFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(metadata, CertificateMetadataJson.Default.CertificateMetadata));
        FileOwner.InheritFromFolder(path);
        return stored with { Metadata = metadata };
    }

    /// <summary>Removes the whole set, the key included. Whether it is in use is the caller's to know.</summary>
    public void Remove(StoredCertificate stored) => Discard(stored.Folder);

    private static string Digits(string identity)
    {
        // Copied from a Windows dialogue, a thumbprint carries blanks and a left-to-right mark.
        string rest = identity[(identity.LastIndexOf('\\') + 1)..];
        string digits = string.Concat(rest.Where(one => !char.IsWhiteSpace(one) && one is not (':' or '\u200E' or '\u200F')));
        return digits.All(char.IsAsciiHexDigit) ? digits : "";
    }

    private static string Sha256(ReadOnlySpan<byte> der) => Convert.ToHexStringLower(SHA256.HashData(der));

    private static byte[] PublicKeyOf(ReadOnlyMemory<byte> request) =>
        CertificateRequest.LoadSigningRequest(request.ToArray(), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.SkipSignatureValidation).PublicKey.ExportSubjectPublicKeyInfo();

    private static bool IsSet(string path) => Path.GetFileName(path) is { Length: SHA256.HashSizeInBytes * 2 } name && name.All(char.IsAsciiHexDigitLower);

    private static StoredCertificate ReadSet(string set)
    {
        try
        {
            CertificateMetadata metadata = JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(set, MetadataFile)), CertificateMetadataJson.Default.CertificateMetadata)
                ?? throw new JsonException("it is null");
            if (metadata.Version > CertificateMetadata.CurrentVersion)
            {
                throw new JsonException($"version {metadata.Version} is of a newer Postern");
            }

            bool hasKey = File.Exists(Path.Combine(set, KeyFile));
            string requestPath = Path.Combine(set, RequestFile);
            if (File.Exists(requestPath))
            {
                string pem = File.ReadAllText(requestPath);
                byte[] request = Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);
                return new StoredCertificate(Path.GetFileName(set), Sha1(request), null, request, [], hasKey, metadata, set);
            }

            X509Certificate2 certificate = X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(set, CertificateFile)));
            X509Certificate2Collection chain = [];
            chain.ImportFromPemFile(Path.Combine(set, ChainFile));
            return Sha256(certificate.RawDataMemory.Span) == Path.GetFileName(set)
                ? new StoredCertificate(Path.GetFileName(set), certificate.Thumbprint, certificate, null, [.. chain], hasKey, metadata, set)
                : throw new CryptographicException("the certificate is not the one that the folder is named after");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException or JsonException or FileNotFoundException or UnauthorizedAccessException)
        {
            throw Directory.Exists(set)
                ? new CertificateStoreException("damaged", $"the files in {set} are no certificate of this store: {e.Message}", "restore the folder from a backup, or remove it", e)
                : new DirectoryNotFoundException(set, e);
        }
    }

    private StoredCertificate WriteSet(string id, IReadOnlyList<(string Name, byte[] Content)> files, byte[]? key, CertificateMetadata metadata)
    {
        PrivateFile.CreateFolder(folder);
        FileOwner.InheritFromFolder(folder);
        if (Directory.EnumerateDirectories(folder).Count(IsSet) >= MaxSets)
        {
            throw new CertificateStoreException("full", $"{folder} has {MaxSets} certificates and requests, which is the most", "remove those that are no longer used: `postern certificate remove THUMBPRINT`");
        }

        string unborn = Path.Combine(folder, NewPrefix + Path.GetRandomFileName());
        PrivateFile.CreateFolder(unborn);
        FileOwner.InheritFromFolder(unborn);
        foreach ((string name, byte[] content) in (IReadOnlyList<(string, byte[])>)[
            .. files, .. key is null ? Array.Empty<(string, byte[])>() : [(KeyFile, key)],
            (MetadataFile, JsonSerializer.SerializeToUtf8Bytes(metadata, CertificateMetadataJson.Default.CertificateMetadata))])
        {
            PrivateFile.CreateNew(Path.Combine(unborn, name), content);
            FileOwner.InheritFromFolder(Path.Combine(unborn, name));
        }

        string set = Path.Combine(folder, id);
        Directory.Move(unborn, set);
        FolderSync.Flush(folder);
        return ReadSet(set);
    }

    private void Discard(string set)
    {
        string gone = Path.Combine(folder, GonePrefix + Path.GetRandomFileName());
        Directory.Move(set, gone);
        FolderSync.Flush(folder);
        Directory.Delete(gone, recursive: true);
    }

    private void Sweep()
    {
        foreach (string left in Directory.EnumerateDirectories(folder).Where(one => Path.GetFileName(one) is { } name
            && (name.StartsWith(NewPrefix, StringComparison.Ordinal) || name.StartsWith(GonePrefix, StringComparison.Ordinal))))
        {
            Directory.Delete(left, recursive: true);
        }
    }

#pragma warning disable CA5350 // A thumbprint is a name, not a proof; Exchange's is SHA-1 (fact sheet 7.2).
    private static string Sha1(ReadOnlySpan<byte> der) => Convert.ToHexString(SHA1.HashData(der));
#pragma warning restore CA5350
}
