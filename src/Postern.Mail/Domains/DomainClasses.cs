using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Postern.Mail;

/// <summary>The fields of accepted and remote domains.</summary>
internal static class DomainClasses
{
    public static ConfigurationClass Accepted { get; } = new ConfigurationClass<AcceptedDomain>
    {
        Kind = "acceptedDomain",
        Noun = "accepted domain",
        Command = "domain",
        ObjectClass = PosternClasses.AcceptedDomain,
        Unit = "acceptedDomains",
        MissingCode = "noSuchDomain",
        NameAttribute = PosternAttributes.DomainName,
        CanRename = false,
        Make = TryMakeAccepted,
        Rules = AcceptedDomain.Check,
        Fields =
        [
            FieldsOf<AcceptedDomain>.Choice(
                "type", "--type", PosternAttributes.DomainType, "authoritative: unknown recipients are rejected; relays: every address of the domain is accepted",
                one => one.Type, (one, value) => one with { Type = value }) with { Required = true, Column = true },
            FieldsOf<AcceptedDomain>.Switch(
                "default", "--default", PosternAttributes.DefaultDomain, "make it the default domain; the one before is none any more (default: the first domain is)",
                one => one.IsDefault, (one, value) => one with { IsDefault = value }) with { Column = true },
            FieldsOf<AcceptedDomain>.SwitchOrDefault(
                "addressBook", "--address-book", PosternAttributes.AddressBook, "whether recipients are looked up (default: in authoritative domains)",
                one => one.AddressBook, one => one.IsLookedUp, (one, value) => one with { AddressBook = value }) with { Column = true },
            FieldsOf<AcceptedDomain>.Text<string>(
                "subaddressDelimiter", "--subaddress-delimiter", PosternAttributes.SubaddressDelimiter, "CHARS",
                "what parts mailbox and detail: with +, anna+list@ is accepted where anna@ is (default: nothing)",
                TryReadDelimiter, one => one.SubaddressDelimiter, (one, value) => one with { SubaddressDelimiter = value }),
            Title<AcceptedDomain>(one => one.Title, (one, value) => one with { Title = value }),
        ],
    };

    public static ConfigurationClass Remote { get; } = new ConfigurationClass<RemoteDomain>
    {
        Kind = "remoteDomain",
        Noun = "remote domain",
        Command = "remote-domain",
        ObjectClass = PosternClasses.RemoteDomain,
        Unit = "remoteDomains",
        MissingCode = "noSuchDomain",
        NameAttribute = PosternAttributes.DomainName,
        CanRename = false,
        Make = RemoteDomain.TryMake,
        Fields =
        [
            FieldsOf<RemoteDomain>.Choice(
                "allowedOof", "--allowed-oof", PosternAttributes.AllowedOof, "which out-of-office messages leave (default external)",
                one => one.AllowedOof, (one, value) => one with { AllowedOof = value }) with { Column = true },
            FieldsOf<RemoteDomain>.Switch(
                "ndr", "--ndr", PosternAttributes.NdrEnabled, "non-delivery reports leave (default true)",
                one => one.NdrEnabled, (one, value) => one with { NdrEnabled = value }) with { Column = true },
            FieldsOf<RemoteDomain>.Switch(
                "deliveryReports", "--delivery-reports", PosternAttributes.DeliveryReports, "delivery reports leave (default true)",
                one => one.DeliveryReports, (one, value) => one with { DeliveryReports = value }) with { Column = true },
            FieldsOf<RemoteDomain>.Switch(
                "autoReply", "--auto-reply", PosternAttributes.AutoReply, "automatic replies leave (default true; false in the built-in *)",
                one => one.AutoReply, (one, value) => one with { AutoReply = value }) with { Column = true },
            FieldsOf<RemoteDomain>.Switch(
                "autoForward", "--auto-forward", PosternAttributes.AutoForward, "automatic forwards leave (default true; false in the built-in *)",
                one => one.AutoForward, (one, value) => one with { AutoForward = value }) with { Column = true },
            FieldsOf<RemoteDomain>.Choice(
                "tnef", "--tnef", PosternAttributes.Tnef, "whether rich text leaves as TNEF (default byRecipient)",
                one => one.Tnef, (one, value) => one with { Tnef = value }),
            FieldsOf<RemoteDomain>.Text<string>(
                "lineWrap", "--line-wrap", PosternAttributes.LineWrap, "N|unlimited", "wrap lines at so many characters, 1 to 132 (default unlimited)",
                RemoteDomain.TryReadLineWrap, one => LineWrapText(one.LineWrap), (one, value) => one with { LineWrap = LineWrapOf(value) }),
            Title<RemoteDomain>(one => one.Title, (one, value) => one with { Title = value }),
        ],
    };

    private static ConfigurationField Title<T>(Func<T, string?> get, Func<T, string?, T> set)
        where T : ConfigurationObject =>
        FieldsOf<T>.Text<string>(
            "title", "--title", PosternAttributes.Description, "TEXT", "what people call it, at most 64 characters",
            (string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error) => PlainText.TryRead(text, AcceptedDomain.MaxTitle, out value, out error),
            get, set);

    private static bool TryReadDelimiter(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        value = Subaddress.IsDelimiter(text, out error) ? text : null;
        return value is not null;
    }

    private static bool TryMakeAccepted(string name, [NotNullWhen(true)] out AcceptedDomain? domain, [NotNullWhen(false)] out string? error) =>
        AcceptedDomain.TryParse(name, AcceptedDomainType.Authoritative, out domain, out error);

    private static string LineWrapText(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? ByteSize.UnlimitedWord;

    private static int? LineWrapOf(string? text) => text is null or ByteSize.UnlimitedWord ? null : int.Parse(text, CultureInfo.InvariantCulture);
}
