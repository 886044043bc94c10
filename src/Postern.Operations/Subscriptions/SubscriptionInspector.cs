using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.EdgeSync.Subscriptions;

namespace Postern.Operations.Subscriptions;

/// <summary>What a subscription file says, without its secrets.</summary>
/// <param name="Form">clear, passphrase or hub.</param>
/// <param name="SealedFor">Whom it is sealed for; empty where it is not.</param>
/// <param name="Content">Null: it is sealed and was not opened; <paramref name="Closed"/> says why.</param>
public sealed record SubscriptionInspection(string File, string Form, IReadOnlyList<string> SealedFor, SubscriptionContent? Content, string? Closed);

/// <param name="CertificateSha256">Of Edge-Cert.</param>
/// <param name="State">notYet, good or expired, by the clock of the machine that was asked. Only the edge knows whether the file was used.</param>
public sealed record SubscriptionContent(
    int FormatVersion, string EdgeName, string EdgeFqdn, int AdamSslPort, string Account, DateTimeOffset EffectiveUtc, DateTimeOffset ExpiresUtc, string State,
    string CertificateSha256, string CertificateSubject, DateTimeOffset CertificateNotAfterUtc, string ProductId, string SerialNumber);

public static class SubscriptionInspector
{
    /// <exception cref="SubscriptionFileException">Missing, damaged, or of a newer version; but not: sealed for somebody else.</exception>
    public static SubscriptionInspection Inspect(string path, SubscriptionOpeners openers, TimeProvider time)
    {
        byte[] content = SubscriptionFile.ReadContent(path);
        (SubscriptionForm form, IReadOnlyList<string> recipients) = SealedSubscription.Describe(content, path);
        string? closed = null;
        SubscriptionFile? file = null;
        try
        {
            file = SubscriptionFile.Parse(content, path, openers);
        }
        catch (SubscriptionFileException e) when (form == SubscriptionForm.Hub && e.InnerException is SealingException { Fault: SealingFault.ForOthers })
        {
            closed = e.Message;
        }
        catch (SubscriptionFileException) when (form == SubscriptionForm.Passphrase && openers.Passphrase is null)
        {
            closed = "the passphrase was not given";
        }

        return new SubscriptionInspection(path, Words.CamelCase(form), recipients, file is null ? null : Content(file, time.GetUtcNow()), closed);
    }

    private static SubscriptionContent Content(SubscriptionFile file, DateTimeOffset now)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(file.EdgeCertificateBlob.Span);
        return new SubscriptionContent(
            file.FormatVersion, file.EdgeServerName, file.EdgeServerFqdn, file.AdamSslPort, file.EsraUsername, file.EffectiveDate, file.ExpiresAt,
            now < file.EffectiveDate ? "notYet" : now < file.ExpiresAt ? "good" : "expired",
            CertificatePin.Of(certificate).ToString(), certificate.Subject, certificate.NotAfter.ToUniversalTime(), file.ProductId, file.SerialNumber);
    }
}
