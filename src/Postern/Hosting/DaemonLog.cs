using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Postern.Hosting;

/// <summary>The log of a daemon: one JSON object per line on stdout, written beside the work (a slow reader does not slow the daemon).</summary>
internal static class DaemonLog
{
    public static ILoggerFactory ToStandardOutput(LogLevel least) => Create(least, toStandardErrorFrom: LogLevel.None);

    /// <summary>For commands whose stdout is a result.</summary>
    public static ILoggerFactory ToStandardError(LogLevel least) => Create(least, toStandardErrorFrom: LogLevel.Trace);

    private static ILoggerFactory Create(LogLevel least, LogLevel toStandardErrorFrom) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(least);
        // What Kestrel tells about each connection is debugging; its errors are not.
        builder.AddFilter("Microsoft", LogLevel.Warning);
        builder.AddConsole(console =>
        {
            console.FormatterName = JsonLine.FormatterName;
            console.LogToStandardErrorThreshold = toStandardErrorFrom;
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite; // else the daemon would wait for who reads the log; drops are told on stderr
        });
        builder.AddConsoleFormatter<JsonLine, ConsoleFormatterOptions>();
    });

    /// <summary><c>{"time","level","event","name","category","message",...}</c>, then the event's own fields under <c>fields</c>.</summary>
    private sealed class JsonLine(TimeProvider? time = null) : ConsoleFormatter(FormatterName)
    {
        public const string FormatterName = "posternLine";

        /// <summary>Characters of one text; what peers send is in some of them.</summary>
        private const int MaxText = 1024;

        private readonly TimeProvider _time = time ?? TimeProvider.System;
        private readonly LogFloodGate _gate = new(time ?? TimeProvider.System);

        public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
        {
            if (!_gate.TryPass(logEntry.EventId.Id, out int suppressed))
            {
                return; // nothing written is no line
            }

            using MemoryStream buffer = new();
            using (Utf8JsonWriter json = new(buffer))
            {
                json.WriteStartObject();
                json.WriteString("time", _time.GetUtcNow().UtcDateTime);
                json.WriteString("level", Level(logEntry.LogLevel));
                json.WriteNumber("event", logEntry.EventId.Id);
                json.WriteString("name", logEntry.EventId.Name);
                json.WriteString("category", logEntry.Category);
                json.WriteString("message", Cut(logEntry.Formatter(logEntry.State, logEntry.Exception)));
                if (suppressed > 0)
                {
                    json.WriteNumber("suppressed", suppressed);
                }

                if (logEntry.Exception is { } e)
                {
                    json.WriteString("exception", e.ToString());
                }

                WriteFields(json, logEntry.State as IReadOnlyList<KeyValuePair<string, object?>>);
                json.WriteEndObject();
            }

            textWriter.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        }

        private static void WriteFields(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>>? state)
        {
            // The message template is the last pair; it says nothing that the event id does not.
            if (state is not { Count: > 1 })
            {
                return;
            }

            json.WriteStartObject("fields");
            foreach ((string name, object? value) in state)
            {
                if (name == "{OriginalFormat}")
                {
                    continue;
                }

                string key = JsonNamingPolicy.CamelCase.ConvertName(name);
                switch (value)
                {
                    case int or long or short or byte or uint or ulong:
                        json.WriteNumber(key, Convert.ToDecimal(value, System.Globalization.CultureInfo.InvariantCulture));
                        break;
                    case bool flag:
                        json.WriteBoolean(key, flag);
                        break;
                    default:
                        json.WriteString(key, Cut(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)));
                        break;
                }
            }

            json.WriteEndObject();
        }

        private static string? Cut(string? text) => text is { Length: > MaxText } ? $"{text[..MaxText]}... ({text.Length} characters)" : text;

        private static string Level(LogLevel level) => level switch
        {
            LogLevel.Trace => "trace",
            LogLevel.Debug => "debug",
            LogLevel.Information => "information",
            LogLevel.Warning => "warning",
            LogLevel.Error => "error",
            _ => "critical",
        };
    }
}
