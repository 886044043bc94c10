using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Postern.Mail;

/// <summary>Which out-of-office messages leave for a domain (fact sheet 6.2).</summary>
public enum AllowedOof
{
    /// <summary>Those that people wrote for outsiders. The default.</summary>
    External,

    /// <summary>Those for outsiders, and of old clients that know one text only.</summary>
    ExternalLegacy,

    /// <summary>Those that people wrote for colleagues, and of old clients.</summary>
    InternalLegacy,

    None,
}

/// <summary>Whether rich text leaves as TNEF (winmail.dat).</summary>
public enum TnefUse
{
    /// <summary>As the recipient's own settings say. The default.</summary>
    ByRecipient,

    Always,

    Never,
}

/// <summary>What leaves for a domain of others. The one named <c>*</c> holds for all that have none of their own.</summary>
/// <param name="Name">A-labels in lower case, <c>*.example.com</c>, or <c>*</c>. Make one with <see cref="TryMake"/>.</param>
public sealed record RemoteDomain(string Name) : ConfigurationObject
{
    /// <summary>The built-in one; it cannot be removed.</summary>
    public const string DefaultName = "*";

    /// <summary>Characters (RFC 2822 section 2.1.1 has 78 as its recommendation; 132 is Exchange's most).</summary>
    public const int MostLineWrap = 132;

    /// <summary>What people call it. At most <see cref="AcceptedDomain.MaxTitle"/> characters.</summary>
    public string? Title { get; init; }

    public AllowedOof AllowedOof { get; init; } = AllowedOof.External;

    public bool NdrEnabled { get; init; } = true;

    public bool DeliveryReports { get; init; } = true;

    public bool AutoReply { get; init; } = true;

    public bool AutoForward { get; init; } = true;

    public TnefUse Tnef { get; init; }

    /// <summary>Lines of text leave wrapped at so many characters; null: as they are.</summary>
    public int? LineWrap { get; init; }

    /// <summary>A new one with the defaults of fact sheet 6.2: the built-in one lets no automatic answers out, others do.</summary>
    public static bool TryMake(string name, [NotNullWhen(true)] out RemoteDomain? domain, [NotNullWhen(false)] out string? error)
    {
        domain = null;
        if (name.Trim() == DefaultName)
        {
            error = null;
            domain = new RemoteDomain(DefaultName) { AutoReply = false, AutoForward = false };
            return true;
        }

        if (!AcceptedDomain.TryParse(name, default, out AcceptedDomain? parsed, out error))
        {
            return false;
        }

        domain = new RemoteDomain(parsed.Name);
        return true;
    }

    internal static bool TryReadLineWrap(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        bool good = text.Equals(ByteSize.UnlimitedWord, StringComparison.OrdinalIgnoreCase)
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= MostLineWrap);
        value = good ? text.ToLowerInvariant() : null;
        error = good ? null : string.Create(CultureInfo.InvariantCulture, $"'{text}' is neither a number from 1 to {MostLineWrap} nor {ByteSize.UnlimitedWord}");
        return good;
    }
}
