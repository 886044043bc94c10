using System.CommandLine;
using System.CommandLine.Parsing;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Mail;

namespace Postern.Commands;

/// <summary>The options that stand for the fields of one class of configuration.</summary>
internal sealed class FieldOptions
{
    private readonly List<(ConfigurationField Field, Option<string[]> Option)> _options = [];

    /// <param name="isNew">What an object cannot be made without is required.</param>
    public FieldOptions(Command command, ConfigurationClass kind, bool isNew)
    {
        foreach (ConfigurationField field in kind.Fields)
        {
            Option<string[]> option = new(field.Option)
            {
                HelpName = field.Placeholder,
                Description = field.Description,
                Required = isNew && field.Required,
                Arity = field.Shape switch
                {
                    FieldShape.List => ArgumentArity.OneOrMore,
                    FieldShape.Switch => ArgumentArity.ZeroOrOne,
                    _ => ArgumentArity.ExactlyOne,
                },
                AllowMultipleArgumentsPerToken = false,
                CustomParser = result => [.. result.Tokens.Select(token => token.Value)],
            };
            option.Validators.Add(result => Check(result, field));
            command.Options.Add(option);
            _options.Add((field, option));
        }
    }

    public bool AreGiven(CommandResult command) => _options.Any(option => command.GetResult(option.Option) is not null);

    /// <summary>Of the options that were given; a switch without a value is on, an empty value is none.</summary>
    public Dictionary<string, IReadOnlyList<string>> Read(VerbContext context)
    {
        Dictionary<string, IReadOnlyList<string>> values = [];
        foreach ((ConfigurationField field, Option<string[]> option) in _options)
        {
            if (context.Arguments.GetResult(option) is not { } result)
            {
                continue;
            }

            string[] texts = [.. result.Tokens.Select(token => token.Value)];
            values.Add(field.Name, field.Shape switch
            {
                FieldShape.Switch when texts.Length == 0 => ["true"],
                FieldShape.Octets when texts is [{ Length: > 0 } file] => [ReadCertificate(file)],
                _ => [.. texts.Where(text => text.Length > 0)],
            });
        }

        return values;
    }

    private static void Check(OptionResult result, ConfigurationField field)
    {
        foreach (string text in result.Tokens.Select(token => token.Value))
        {
            string[] words = field.Shape switch
            {
                FieldShape.Choice => [.. field.Words],
                FieldShape.Switch => field.Placeholder.Split('|'),
                _ => [text],
            };
            if (!words.Contains(text, StringComparer.OrdinalIgnoreCase))
            {
                result.AddError($"{field.Option}: '{text}' is none of {string.Join(", ", words)}");
            }
        }
    }

    private static string ReadCertificate(string file)
    {
        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(file);
            return Convert.ToBase64String(certificate.RawData);
        }
        catch (Exception e) when (e is CryptographicException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFailure(ExitCode.Failed, "certificate", $"{file} is no certificate that can be read: {e.Message}", "give a certificate in PEM or DER form", e);
        }
    }
}
