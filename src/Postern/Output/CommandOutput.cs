using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Postern.Control;

namespace Postern.Output;

public enum OutputFormat
{
    Table,
    Json,
}

/// <summary>
/// The two faces of a result. Table: text for people on stdout, errors on stderr. Json: exactly one document on stdout, the result or
/// <c>{"error":{...}}</c>; everything else on stderr.
/// </summary>
public sealed class CommandOutput(OutputFormat format, TextWriter standardOutput, TextWriter standardError)
{
    public OutputFormat Format { get; } = format;

    public TextWriter Out { get; } = standardOutput;

    public TextWriter Error { get; } = standardError;

    /// <summary>Where talk goes that is not the result: stdout between people, stderr beside a JSON document.</summary>
    public TextWriter Talk => Format == OutputFormat.Json ? Error : Out;

    public void Result<T>(T value, JsonTypeInfo<T> type, Action<TextWriter, T> table)
    {
        if (Format == OutputFormat.Json)
        {
            Out.WriteLine(Indented(value, type));
        }
        else
        {
            table(new PlainTextWriter(Out), value);
        }
    }

    /// <returns>The exit code of the failure.</returns>
    public int Failure(CommandFailure failure)
    {
        if (Format == OutputFormat.Json)
        {
            ErrorDocument document = new(new ErrorDetail(failure.Code, failure.Message, failure.Hint));
            Out.WriteLine(Indented(document, PosternJson.Default.ErrorDocument));
            return failure.ExitCode;
        }

        PlainTextWriter plain = new(Error);
        plain.WriteLine($"postern: {failure.Message}");
        if (failure.Hint.Length > 0)
        {
            plain.WriteLine($"  hint: {failure.Hint}");
        }

        return failure.ExitCode;
    }

    private static string Indented<T>(T value, JsonTypeInfo<T> type)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }
}
