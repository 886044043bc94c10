using Postern.EdgeSync.Credentials;

namespace Postern.EdgeSync.Settings;

/// <summary>The keys of <see cref="CredentialTimetable"/>. Each must fit the others, also where one is left to its default.</summary>
internal static class CredentialSettingsReader
{
    private const string Lifetime = "credentialLifetime";
    private const string Successor = "credentialSuccessorBefore";
    private const string Effective = "credentialEffectiveBefore";

    /// <summary>Long enough for a look at the topology and a cycle in between. Ours.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(1);

    public static CredentialTimetable Read(JsonObjectReader root)
    {
        CredentialTimetable defaults = new();
        CredentialTimetable settings = new()
        {
            Lifetime = root.Duration(Lifetime, defaults.Lifetime, CredentialTimetable.ShortestLifetime, CredentialTimetable.LongestLifetime),
            SuccessorBefore = root.Duration(Successor, defaults.SuccessorBefore, Least, CredentialTimetable.LongestLifetime),
            EffectiveBefore = root.Duration(Effective, defaults.EffectiveBefore, Least, CredentialTimetable.LongestLifetime),
        };
        if (settings.EffectiveBefore >= settings.SuccessorBefore)
        {
            root.Fault(
                root.Has(Effective) ? Effective : Successor,
                $"{Effective} is {DurationText.Print(settings.EffectiveBefore)} and must be shorter than {Successor}, {DurationText.Print(settings.SuccessorBefore)}");
        }

        if (settings.SuccessorBefore >= settings.Lifetime)
        {
            root.Fault(
                root.Has(Successor) ? Successor : Lifetime,
                $"{Successor} is {DurationText.Print(settings.SuccessorBefore)} and must be shorter than {Lifetime}, {DurationText.Print(settings.Lifetime)}");
        }

        return settings;
    }
}
