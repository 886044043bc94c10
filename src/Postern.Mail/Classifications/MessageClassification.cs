using System.Diagnostics.CodeAnalysis;

namespace Postern.Mail;

/// <summary>A label that people put on messages (fact sheet 5). It is known by its id, which messages carry.</summary>
public sealed record MessageClassification(string Name) : ConfigurationObject
{
    /// <summary>Characters of name and display name. Ours.</summary>
    public const int MaxName = 256;

    /// <summary>Characters of each text. Ours.</summary>
    public const int MaxText = 1024;

    public Guid Id { get; init; }

    /// <summary>What people see; null: the name.</summary>
    public string? DisplayName { get; init; }

    /// <summary>What the sender is told about it.</summary>
    public string? SenderText { get; init; }

    /// <summary>What recipients are told about it.</summary>
    public string? RecipientText { get; init; }

    internal static ConfigurationClass Class { get; } = new ConfigurationClass<MessageClassification>
    {
        Kind = "messageClassification",
        Noun = "message classification",
        Command = "classification",
        ObjectClass = PosternClasses.MessageClassification,
        Unit = "messageClassifications",
        MissingCode = "noSuchClassification",
        Make = TryMake,
        Fields =
        [
            FieldsOf<MessageClassification>.Text<string>(
                "id", "--id", PosternAttributes.ClassificationId, "GUID", "what messages carry (default: a new one)",
                TryReadId, one => one.Id.ToString("D"), (one, value) => one with { Id = value is null ? Guid.NewGuid() : Guid.Parse(value) }) with { Column = true },
            Words("displayName", "--display-name", PosternAttributes.DisplayName, "what people see (default: the name)", MaxName,
                one => one.DisplayName, (one, value) => one with { DisplayName = value }) with { Column = true, Effective = one => [((MessageClassification)one).DisplayName ?? one.Name] },
            Words("senderText", "--sender-text", PosternAttributes.SenderText, "what the sender is told about it, at most 1024 characters", MaxText,
                one => one.SenderText, (one, value) => one with { SenderText = value }),
            Words("recipientText", "--recipient-text", PosternAttributes.ClassificationText, "what recipients are told about it, at most 1024 characters", MaxText,
                one => one.RecipientText, (one, value) => one with { RecipientText = value }),
        ],
    };

    public static bool TryMake(string name, [NotNullWhen(true)] out MessageClassification? classification, [NotNullWhen(false)] out string? error)
    {
        bool good = PlainText.TryRead(name, MaxName, out string? text, out error);
        classification = good ? new MessageClassification(text!) { Id = Guid.NewGuid() } : null;
        error = good ? null : $"the name of the classification: {error}";
        return good;
    }

    private static bool TryReadId(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        bool good = Guid.TryParse(text, out Guid id) && id != Guid.Empty;
        value = good ? id.ToString("D") : null;
        error = good ? null : $"'{text}' is no GUID such as 5e0b1d0c-6b2a-4f58-9d0e-3f1f1a3f7c11";
        return good;
    }

    private static ConfigurationField Words(
        string name, string option, string attribute, string description, int most, Func<MessageClassification, string?> get,
        Func<MessageClassification, string?, MessageClassification> set) =>
        FieldsOf<MessageClassification>.Text<string>(
            name, option, attribute, "TEXT", description,
            (string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error) => PlainText.TryRead(text, most, out value, out error),
            get, set);
}
