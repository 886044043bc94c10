using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>
/// What this node trusts: the roots of the system, and the files in <c>roots</c>, <c>intermediates</c> and <c>crls</c> of a folder, PEM (one or
/// more in a file) or DER. As it was when it was read; a file that cannot be used is in <see cref="Faults"/>, and hides no other.
/// </summary>
public sealed class TrustFolder
{
    /// <summary>Octets of a file of certificates; the whole bundle of the system has 200 kB. Ours.</summary>
    public const int MaxCertificateFile = 4 * 1024 * 1024;

    /// <summary>Octets of a file of revocation lists; the largest of public authorities have some 10 MB. Ours.</summary>
    public const int MaxListFile = 64 * 1024 * 1024;

    /// <summary>Files in one of the three folders. Ours.</summary>
    public const int MaxFiles = 1000;

    public const string RootsFolder = "roots";
    public const string IntermediatesFolder = "intermediates";
    public const string ListsFolder = "crls";

    private readonly List<string> _faults = [];

    private TrustFolder(string folder, bool withSystemRoots)
    {
        List<X509Certificate2> intermediates = Certificates(Path.Combine(folder, IntermediatesFolder));
        List<X509Certificate2> roots = Certificates(Path.Combine(folder, RootsFolder));

        // Only what is signed by itself ends a chain: one that somebody else issued helps to build it, wherever it lies.
        intermediates.AddRange(roots.Where(one => !CertificateKeys.IsSelfIssued(one)));
        OwnRoots = [.. roots.Where(CertificateKeys.IsSelfIssued)];
        foreach (X509Certificate2 one in roots.Where(one => !CertificateKeys.IsSelfIssued(one)))
        {
            _faults.Add($"'{one.Subject}' in {Path.Combine(folder, RootsFolder)} is no root: '{one.Issuer}' issued it; it counts as an intermediate");
        }

        Intermediates = intermediates;
        Lists = ReadLists(Path.Combine(folder, ListsFolder));
        SystemRoots = withSystemRoots ? OfSystem() : [];
    }

    public IReadOnlyList<X509Certificate2> OwnRoots { get; }

    public IReadOnlyList<X509Certificate2> SystemRoots { get; }

    public IReadOnlyList<X509Certificate2> Intermediates { get; }

    internal IReadOnlyList<RevocationList> Lists { get; }

    /// <summary>Files and certificates that do not count as they lie there, and why.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <param name="folder">Need not exist.</param>
    public static TrustFolder Read(string folder, bool withSystemRoots = true) => new(folder, withSystemRoots);

    private static IReadOnlyList<X509Certificate2> OfSystem()
    {
        try
        {
            using X509Store store = new(StoreName.Root, StoreLocation.LocalMachine);
            store.Open(OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
            return [.. store.Certificates];
        }
        catch (CryptographicException)
        {
            // A machine without any.
            return [];
        }
    }

    private List<X509Certificate2> Certificates(string folder)
    {
        List<X509Certificate2> found = [];
        foreach ((string file, byte[] octets) in Files(folder, MaxCertificateFile))
        {
            try
            {
                X509Certificate2Collection read = [];
                if (TrustFilePem.Looks(octets))
                {
                    read.ImportFromPem(TrustFilePem.Text(octets));
                }
                else
                {
                    read.Add(X509CertificateLoader.LoadCertificate(octets));
                }

                foreach (X509Certificate2 one in read)
                {
                    ForeignCertificate.Check(one);
                }

                found.AddRange(read);
                if (read.Count == 0)
                {
                    _faults.Add($"{file} has no certificate in it");
                }
            }
            catch (CryptographicException e)
            {
                _faults.Add($"{file} is no certificate, PEM or DER: {e.Message}");
            }
        }

        return [.. found.DistinctBy(one => CertificatePin.Of(one))];
    }

    private List<RevocationList> ReadLists(string folder)
    {
        List<RevocationList> found = [];
        foreach ((string file, byte[] octets) in Files(folder, MaxListFile))
        {
            try
            {
                IReadOnlyList<byte[]> lists = TrustFilePem.Looks(octets) ? TrustFilePem.Blocks(octets, RevocationList.PemLabel) : [octets];
                found.AddRange(lists.Select(one => RevocationList.Read(one, file)));
                if (lists.Count == 0)
                {
                    _faults.Add($"{file} has no revocation list in it");
                }
            }
            catch (CryptographicException e)
            {
                _faults.Add($"{file} is no revocation list, PEM or DER: {e.Message}");
            }
        }

        return found;
    }

    private IEnumerable<(string File, byte[] Octets)> Files(string folder, int maxOctets)
    {
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        string[] files = [.. Directory.EnumerateFiles(folder).Where(file => !Path.GetFileName(file).StartsWith('.')).Order(StringComparer.Ordinal).Take(MaxFiles + 1)];
        if (files.Length > MaxFiles)
        {
            _faults.Add($"{folder} has more than {MaxFiles} files; those after the first {MaxFiles} do not count");
        }

        foreach (string file in files.Take(MaxFiles))
        {
            byte[]? octets = null;
            try
            {
                long length = new FileInfo(file).Length;
                if (length > maxOctets)
                {
                    _faults.Add($"{file} has {length} octets; at most {maxOctets} are read");
                }
                else
                {
                    octets = File.ReadAllBytes(file);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _faults.Add($"{file} cannot be read: {e.Message}");
            }

            if (octets is not null)
            {
                yield return (file, octets);
            }
        }
    }
}
