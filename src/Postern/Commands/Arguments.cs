using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Postern.Output;

namespace Postern.Commands;

/// <summary>Options that several verbs share, and how their values are read. A value that cannot be read is wrong usage.</summary>
internal static class Arguments
{
    /// <summary>Names the data folder for a whole shell session.</summary>
    public const string DataVariable = "POSTERN_DATA";

    private const int MaxHostNameLength = 253;
    private const int MaxLabelLength = 63;

    /// <summary>Accepted before and after every verb.</summary>
    public static Option<OutputFormat> Output { get; } = MakeOutput();

    private static Option<string?> Data(string description) => new("--data")
    {
        HelpName = "DIR",
        Description = $"{description} (default: ${DataVariable})",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(DataVariable) is { Length: > 0 } folder ? folder : null,
    };

    /// <summary>Adds the data folder to a verb and insists on it.</summary>
    /// <param name="hasOther">Whether something else stands in its place.</param>
    public static Option<string?> AddData(this Command command, string description, Func<CommandResult, bool>? hasOther = null)
    {
        Option<string?> data = Data(description);
        command.Options.Add(data);
        command.Validators.Add(result =>
        {
            // An option without its value is the parser's to report; asking for the value would throw.
            bool given = result.GetResult(data) is { Implicit: false };
            if (hasOther?.Invoke(result) != true && (given ? result.Word(data) is "" : string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(DataVariable))))
            {
                result.AddError($"--data DIR is missing (or set {DataVariable})");
            }
        });
        return data;
    }

    public static Option<string> Fqdn(string description) => new("--fqdn")
    {
        HelpName = "NAME",
        Description = description,
        Required = true,
        CustomParser = result => HostName(result, "--fqdn"),
    };

    /// <summary>ADDR:PORT to listen on; port 0 takes a free one.</summary>
    public static Option<IPEndPoint> Listen(string name, string defaultValue, string description) => new(name)
    {
        HelpName = "ADDR:PORT",
        Description = description,
        DefaultValueFactory = _ => IPEndPoint.Parse(defaultValue),
        CustomParser = result => EndPoint(result, name),
    };

    /// <summary>Of both daemons.</summary>
    public static Option<IPEndPoint?> Https() => new("--https")
    {
        HelpName = "ADDR:PORT",
        Description = "where the management API listens for other machines (default: nowhere)",
        CustomParser = result => EndPoint(result, "--https"),
    };

    /// <summary>HOST:PORT to dial; the host may be a name.</summary>
    public static Option<string?> Dial(string name, string description) => new(name)
    {
        HelpName = "HOST:PORT",
        Description = description,
        CustomParser = result =>
        {
            string text = Text(result);
            int colon = text.LastIndexOf(':');
            bool good = colon > 0
                && Uri.CheckHostName(text[..colon].Trim('[', ']')) != UriHostNameType.Unknown
                && text.StartsWith('[') == text[..colon].Contains(':', StringComparison.Ordinal)
                && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
                && port > 0;
            if (!good)
            {
                result.AddError($"{name}: '{text}' is not HOST:PORT, like edge1.example.com:50636 or [::1]:50636");
            }

            return text;
        },
    };

    /// <summary>A text that has to say something.</summary>
    public static Option<string> Words(string name, string helpName, string description) => new(name)
    {
        HelpName = helpName,
        Description = description,
        Required = true,
        CustomParser = result =>
        {
            string text = Text(result);
            if (string.IsNullOrWhiteSpace(text))
            {
                result.AddError($"{name} {helpName} is empty");
            }

            return text;
        },
    };

    public static Option<int> Number(string name, string helpName, int defaultValue, int least, int most, string description) => new(name)
    {
        HelpName = helpName,
        Description = description,
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result =>
        {
            string text = Text(result);
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most)
            {
                return value;
            }

            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: '{text}' is not a whole number from {least} to {most}"));
            return defaultValue;
        },
    };

    /// <summary>One of a few words; case does not matter, the result is spelled as in <paramref name="words"/>.</summary>
    public static Option<string> Choice(string name, string description, params string[] words) => new(name)
    {
        HelpName = string.Join('|', words),
        Description = description,
        CustomParser = result =>
        {
            string text = Text(result);
            string? word = words.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase));
            if (word is null)
            {
                result.AddError($"{name}: '{text}' is none of {string.Join(", ", words)}");
            }

            return word ?? words[0];
        },
    };

    private static Option<OutputFormat> MakeOutput() => new("--output")
    {
        HelpName = "table|json",
        Description = "text for people, or one JSON document on stdout (default table)",
        Recursive = true,
        CustomParser = result =>
        {
            string text = Text(result);
            if (text is not ("table" or "json"))
            {
                result.AddError($"--output: '{text}' is neither table nor json");
            }

            return text == "json" ? OutputFormat.Json : OutputFormat.Table;
        },
    };

    private static IPEndPoint EndPoint(ArgumentResult result, string name)
    {
        string text = Text(result);
        int colon = text.LastIndexOf(':');
        if (colon > 0 && !text[(colon + 1)..].Contains(']', StringComparison.Ordinal)
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            string address = text[..colon];
            if (address.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            {
                return new IPEndPoint(IPAddress.Loopback, port);
            }

            bool isBare6 = address.Contains(':', StringComparison.Ordinal) && !address.StartsWith('[');
            if (!isBare6 && IPAddress.TryParse(address, out IPAddress? parsed))
            {
                return new IPEndPoint(parsed, port);
            }
        }

        result.AddError($"{name}: '{text}' is not ADDR:PORT, like 127.0.0.1:50389 or [::1]:50389");
        return new IPEndPoint(IPAddress.Loopback, 0);
    }

    /// <summary>RFC 1123 section 2.1.</summary>
    private static string HostName(ArgumentResult result, string name)
    {
        string text = Text(result);
        bool good = text.Length is > 0 and <= MaxHostNameLength
            && text.Split('.').All(label => label.Length is > 0 and <= MaxLabelLength
                && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && label[0] != '-' && label[^1] != '-');
        if (!good)
        {
            result.AddError($"{name}: '{text}' is not a host name, like edge1.example.com");
        }

        return text;
    }

    /// <summary>The value of an option as it was typed; null without one. For validators, where values may not be readable yet.</summary>
    public static string? Word(this CommandResult command, Option option) => command.GetResult(option) is { Tokens: [Token first, ..] } ? first.Value : null;

    private static string Text(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
}
