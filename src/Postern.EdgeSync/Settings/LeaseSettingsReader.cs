using Postern.EdgeSync.Leases;

namespace Postern.EdgeSync.Settings;

/// <summary>The keys of <see cref="LeaseSettings"/>. Each must fit the others, also where one is left to its default.</summary>
internal static class LeaseSettingsReader
{
    private const string Lock = "lockDuration";
    private const string Renewal = "lockRenewalDuration";
    private const string Option = "optionDuration";

    public static LeaseSettings Read(JsonObjectReader root)
    {
        LeaseSettings defaults = new();
        LeaseSettings settings = defaults with
        {
            LockDuration = root.Duration(Lock, defaults.LockDuration, LeaseSettings.LeastLock, LeaseSettings.MostOption),
            LockRenewalDuration = root.Duration(Renewal, defaults.LockRenewalDuration, LeaseSettings.LeastRenewal, LeaseSettings.MostOption),
            OptionDuration = root.Duration(Option, defaults.OptionDuration, LeaseSettings.LeastLock, LeaseSettings.MostOption),
        };
        if (settings.LockRenewalDuration >= settings.LockDuration)
        {
            root.Fault(
                root.Has(Renewal) ? Renewal : Lock,
                $"{Renewal} is {DurationText.Print(settings.LockRenewalDuration)} and must be shorter than {Lock}, {DurationText.Print(settings.LockDuration)}");
        }

        if (settings.OptionDuration < settings.LockDuration)
        {
            root.Fault(
                root.Has(Option) ? Option : Lock,
                $"{Option} is {DurationText.Print(settings.OptionDuration)} and must not be shorter than {Lock}, {DurationText.Print(settings.LockDuration)}");
        }

        return settings;
    }
}
