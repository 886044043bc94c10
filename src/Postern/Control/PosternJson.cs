using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Postern.EdgeSync.Answers;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Synchronization;
using Postern.Operations;
using Postern.Operations.Accounts;
using Postern.Operations.Auth;
using Postern.Operations.Certificates;
using Postern.Operations.Configuration;
using Postern.Operations.Diagnosis;
using Postern.Operations.Hubs;
using Postern.Operations.Maintenance;
using Postern.Operations.Recipients;
using Postern.Operations.Status;
using Postern.Operations.Subscriptions;
using Postern.Operations.Synchronization;
using Postern.Quickstart;

namespace Postern.Control;

/// <summary>Every shape that crosses the control socket or is printed with <c>--output json</c>. Generated at build time: no reflection at start.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters =
    [
        typeof(CamelCaseEnum<FailureCategory>), typeof(CamelCaseEnum<SyncType>), typeof(CamelCaseEnum<SyncOutcome>), typeof(CamelCaseEnum<LeaseKind>),
        typeof(CamelCaseEnum<SyncVerdict>), typeof(CamelCaseEnum<PartStatus>), typeof(CamelCaseEnum<OutOfStepKind>), typeof(CamelCaseEnum<AuditAction>),
    ])]
[JsonSerializable(typeof(ControlError))]
[JsonSerializable(typeof(ErrorDocument))]
[JsonSerializable(typeof(Nothing))]
[JsonSerializable(typeof(NewSubscription))]
[JsonSerializable(typeof(NewSubscriptionResult))]
[JsonSerializable(typeof(SubscriptionPreview))]
[JsonSerializable(typeof(SubscriptionFileWritten))]
[JsonSerializable(typeof(SubscriptionInspection))]
[JsonSerializable(typeof(HubCertificateView))]
[JsonSerializable(typeof(ImportSubscription))]
[JsonSerializable(typeof(ImportSubscriptionResult))]
[JsonSerializable(typeof(SetSubscription))]
[JsonSerializable(typeof(SubscriptionSet))]
[JsonSerializable(typeof(NamedSubscription))]
[JsonSerializable(typeof(NamedHub))]
[JsonSerializable(typeof(HubView))]
[JsonSerializable(typeof(HubList))]
[JsonSerializable(typeof(IReadOnlyList<HubView>))]
[JsonSerializable(typeof(ReplaceCertificate))]
[JsonSerializable(typeof(NodeCertificateView))]
[JsonSerializable(typeof(CertificateRevoked))]
[JsonSerializable(typeof(CertificateList))]
[JsonSerializable(typeof(CertificateDetail))]
[JsonSerializable(typeof(CertificateRequested))]
[JsonSerializable(typeof(CertificateRenewed))]
[JsonSerializable(typeof(CertificateRemoved))]
[JsonSerializable(typeof(CertificateImported))]
[JsonSerializable(typeof(CertificateExported))]
[JsonSerializable(typeof(CertificateBound))]
[JsonSerializable(typeof(CertificateExaminationView))]
[JsonSerializable(typeof(CertificateSelectionList))]
[JsonSerializable(typeof(CertificateWatchView))]
[JsonSerializable(typeof(NodeReportList))]
[JsonSerializable(typeof(WatchList))]
[JsonSerializable(typeof(WatchRun))]
[JsonSerializable(typeof(CertificateInspection))]
[JsonSerializable(typeof(CertutilInspection))]
[JsonSerializable(typeof(CertificateConverted))]
[JsonSerializable(typeof(SetAuth))]
[JsonSerializable(typeof(MonitorAuth))]
[JsonSerializable(typeof(NewToken))]
[JsonSerializable(typeof(AuthView))]
[JsonSerializable(typeof(AuthMonitored))]
[JsonSerializable(typeof(TokenMade))]
[JsonSerializable(typeof(SubscriptionView))]
[JsonSerializable(typeof(SubscriptionList))]
[JsonSerializable(typeof(SubscriptionRemoved))]
[JsonSerializable(typeof(ConfigurationRequest))]
[JsonSerializable(typeof(ConfigurationList))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(IReadOnlyList<JsonObject>))]
[JsonSerializable(typeof(StartSync))]
[JsonSerializable(typeof(IReadOnlyList<SubscriptionView>))]
[JsonSerializable(typeof(IReadOnlyList<SyncCycleResult>))]
[JsonSerializable(typeof(StreamLine<IReadOnlyList<SyncCycleResult>>), TypeInfoPropertyName = "SyncStreamLine")]
[JsonSerializable(typeof(StreamLine<ImportSubscriptionResult>), TypeInfoPropertyName = "ImportStreamLine")]
[JsonSerializable(typeof(ApplyPlan))]
[JsonSerializable(typeof(OfEdge))]
[JsonSerializable(typeof(SyncStatusList))]
[JsonSerializable(typeof(TestSync))]
[JsonSerializable(typeof(SyncTestList))]
[JsonSerializable(typeof(HeldOf))]
[JsonSerializable(typeof(HeldList))]
[JsonSerializable(typeof(HeldEntries))]
[JsonSerializable(typeof(AuditVerification))]
[JsonSerializable(typeof(NewAccount))]
[JsonSerializable(typeof(NewAccountResult))]
[JsonSerializable(typeof(NamedAccount))]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(AccountList))]
[JsonSerializable(typeof(IReadOnlyList<AccountView>))]
[JsonSerializable(typeof(LookupRecipient))]
[JsonSerializable(typeof(LookupRecipientResult))]
[JsonSerializable(typeof(ExplainRecipient))]
[JsonSerializable(typeof(ExplainRecipientResult))]
[JsonSerializable(typeof(StatusResult))]
[JsonSerializable(typeof(DirectoryBackedUp))]
[JsonSerializable(typeof(DirectoryRestored))]
[JsonSerializable(typeof(DirectoryChecked))]
[JsonSerializable(typeof(HubBackedUp))]
[JsonSerializable(typeof(HubRestored))]
[JsonSerializable(typeof(DirectoryExported))]
[JsonSerializable(typeof(DirectoryImported))]
[JsonSerializable(typeof(RunDoctor))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(QuickstartReport))]
public sealed partial class PosternJson : JsonSerializerContext
{
}

/// <summary>A request or an answer without content.</summary>
public sealed record Nothing;

/// <summary>One line of an NDJSON answer; exactly one member is set, and the last line has <c>result</c> or <c>error</c>.</summary>
public sealed record StreamLine<T>(SyncProgressView? Progress, T? Result, ControlError? Error)
    where T : class;

/// <summary>What <c>subscription new</c> prints: the file it wrote, without the file's secrets.</summary>
public sealed record SubscriptionFileWritten(
    string File, string EdgeName, string EdgeFqdn, int AdamSslPort, string CertificateSha256, DateTimeOffset ExpiresUtc)
{
    /// <summary>Objects of the edge's own that the first configuration cycle replaces.</summary>
    public IReadOnlyList<LocalObjectView> Replaces { get; init; } = [];

    /// <summary>The LDIF file on the edge that keeps them; null when there are none.</summary>
    public string? Backup { get; init; }

    /// <summary>clear, passphrase or hub.</summary>
    public required string Form { get; init; }

    /// <summary>The hub's certificate that the file is sealed for, SHA-256; null where it is not.</summary>
    public string? HubSha256 { get; init; }
}

/// <summary>What <c>--output json</c> prints when there is no result.</summary>
public sealed record ErrorDocument(ErrorDetail Error);

public sealed record ErrorDetail(string Code, string Message, string Hint);

/// <summary>Enum values as JSON names them: camelCase words, never numbers.</summary>
public sealed class CamelCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
