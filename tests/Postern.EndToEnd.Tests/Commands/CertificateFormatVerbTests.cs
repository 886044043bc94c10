using System.Text.Json;
using Postern.Certificates;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Commands;

/// <summary><c>postern certificate inspect</c> and <c>convert</c> as a user runs them.</summary>
public sealed class CertificateFormatVerbTests
{
    private const string Password = "a password";

    [Fact]
    public async Task A_key_in_CNG_is_found_and_converted()
    {
        using TempFolder folder = new();
        string password = folder.Write("password", Password + "\n");
        using (CertificateBundle bundle = new(SelfSignedCertificate.Create(
            new SelfSignedRequest("mail.example.com", ["mail.example.com"], KeyAlgorithm.Rsa2048, TimeSpan.FromDays(30)), TimeProvider.System), []))
        {
            WindowsKeyAttributes cng = new(WindowsKeyProvider.SoftwareStorage, IsMachineKeySet: true, KeySpec: null);
            await File.WriteAllBytesAsync(folder["in.pfx"], CertificateFileWriter.Pkcs12(bundle, Password, Pkcs12Profile.Legacy, cng));
        }

        JsonElement before = await PosternProgram.JsonAsync(0, "certificate", "inspect", folder["in.pfx"], "--passphrase-file", password);
        JsonElement done = await PosternProgram.JsonAsync(0, "certificate", "convert", folder["in.pfx"], folder["out.pfx"], "--provider", "capi", "--passphrase-file", password);
        JsonElement after = await PosternProgram.JsonAsync(0, "certificate", "inspect", folder["out.pfx"], "--passphrase-file", password);

        Assert.Equal("HMAC-SHA1", before.GetProperty("protection").GetProperty("mac").GetString());
        Assert.Equal("refused", Verdict(before));
        Assert.Equal("usable", Verdict(after));
        string thumbprint = before.GetProperty("certificates")[0].GetProperty("thumbprint").GetString()!;
        Assert.Equal(thumbprint, done.GetProperty("thumbprint").GetString());
        Assert.Equal(thumbprint, after.GetProperty("certificates")[0].GetProperty("thumbprint").GetString());
        Assert.Contains(done.GetProperty("steps").EnumerateArray(), step => step.GetString()!.Contains("-importpfx out.pfx", StringComparison.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["out.pfx"]));

        CommandResult again = await PosternProgram.RunAsync("certificate", "convert", folder["in.pfx"], folder["out.pfx"], "--provider", "capi", "--passphrase-file", password);
        Assert.Equal((1, true), (again.ExitCode, again.Error.Contains("exists already", StringComparison.Ordinal)));
        CommandResult wrong = await PosternProgram.RunAsync("certificate", "inspect", folder["in.pfx"], "--passphrase-file", folder.Write("wrong", "other\n"));
        Assert.Equal((1, true), (wrong.ExitCode, wrong.Error.Contains("the password does not open", StringComparison.Ordinal)));
        CommandResult neither = await PosternProgram.RunAsync("certificate", "inspect");
        Assert.Equal(2, neither.ExitCode);
    }

    private static string? Verdict(JsonElement inspection) => inspection.GetProperty("keys")[0].GetProperty("edgeSync").GetProperty("use").GetString();
}
