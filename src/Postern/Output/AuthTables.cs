using System.Globalization;
using Postern.Operations.Auth;
using Postern.Operations.Certificates;

namespace Postern.Output;

/// <summary>How the auth certificate and tokens look to people.</summary>
public static class AuthTables
{
    public static void Show(TextWriter output, AuthView view)
    {
        TextTable certificates = new("SLOT", "SHA-256", "SUBJECT", "KEY", "UNTIL");
        foreach (CertificateView one in view.Certificates)
        {
            certificates.Row(one.Slot, one.Sha256, one.Subject, one.Key, Tables.Time(one.NotAfterUtc));
        }

        certificates.Write(output);
        if (view.EffectiveUtc is { } effective)
        {
            output.WriteLine($"the next one takes over at {Tables.Time(effective)}");
        }

        if (view.Hubs.Count == 0)
        {
            return;
        }

        output.WriteLine();
        TextTable hubs = new("HUB", "CURRENT", "NEXT", "REACHED");
        foreach (AuthHubView one in view.Hubs)
        {
            hubs.Row(one.Name, Word(one.HasCurrent), one.HasNext is { } next ? Word(next) : "-", Word(one.IsReachable));
        }

        hubs.Write(output);
    }

    public static void Monitored(TextWriter output, AuthMonitored one)
    {
        string what = one switch
        {
            { Action: "replaceNow" } => "a new certificate takes the place of all at once",
            { Action: "stageNext" } => string.Create(CultureInfo.InvariantCulture, $"a new certificate takes over in {one.EffectiveInHours:0} hours"),
            { Action: "shareCurrent" or "shareNext" } => "the key is sealed for the hubs that lack it",
            { Blocked: true } => "nothing can be done now",
            _ => "nothing is to be done",
        };
        output.WriteLine($"{what}: {one.Reason}");
        if (!one.Applied && one.Action != "nothing")
        {
            output.WriteLine("to do it: postern auth monitor --apply");
        }
    }

    public static void Token(TextWriter output, TokenMade one)
    {
        if (one.Token is { } token)
        {
            output.WriteLine(token);
            return;
        }

        output.WriteLine($"{one.File}: a token for {one.Role}, of {one.Subject}, until {Tables.Time(one.ExpiresUtc)}");
    }

    private static string Word(bool yes) => yes ? "yes" : "no";
}
