using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using RemoteTasks.Proxmox;
using RemoteTasks.Server;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks serve</c></summary>
internal static class ServeCommand
{
    internal static Command Create(Terminal terminal)
    {
        Option<string> remotes = DataOptions.Remotes();
        Option<string> data = DataOptions.Data();
        var listen = new Option<string>("--listen") { Description = "Address and port to serve on.", HelpName = "IP:PORT", DefaultValueFactory = _ => "127.0.0.1:8480" };
        Option<double> fetch = Seconds("--fetch-every", "Ask every remote for new tasks.", 60);
        Option<double> running = Seconds("--running-every", "Ask nodes with running tasks how these go on.", 10);
        Option<double> apply = Seconds("--apply-every", "Merge the journal into the archives.", 3600);
        var logFormat = new Option<string>("--log-format") { Description = "A line a message, or a JSON object a line.", DefaultValueFactory = _ => "line" };
        logFormat.AcceptOnlyFromAmong("line", "json");
        var logLevel = new Option<string>("--log-level") { Description = "The least of what is logged: trace, debug, information, warning or error.", HelpName = "LEVEL", DefaultValueFactory = _ => "information" };
        logLevel.AcceptOnlyFromAmong("trace", "debug", "information", "warning", "error");
        var collector = new Option<string?>("--otlp-endpoint") { Description = "OpenTelemetry collector to send metrics and traces to, by OTLP over gRPC: http://127.0.0.1:4317. Prometheus may ask /metrics without this.", HelpName = "URL" };
        var retention = new RetentionOptions();
        var logs = new KeptLogLimits();
        var web = new WebServeOptions();
        var command = new Command("serve", "Poll remotes, keep their tasks, serve them over REST and as a page.")
        {
            remotes, data, listen, fetch, running, apply, logFormat, logLevel, collector,
        };
        retention.AddTo(command);
        logs.AddTo(command);
        web.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var options = new ServerOptions
            {
                Remotes = RemotesFile.Load(parsed.GetRequiredValue(remotes)),
                RemotesFile = Path.GetFullPath(parsed.GetRequiredValue(remotes)),
                DataDirectory = Path.GetFullPath(parsed.GetRequiredValue(data)),
                Listen = ParseListen(parsed.GetRequiredValue(listen)),
                Cache = retention.Options(parsed),
                Web = web.Options(parsed),
                KeptLogs = logs.Options(parsed),
                HasJsonLog = parsed.GetRequiredValue(logFormat) == "json",
                LogLevelMin = Enum.Parse<LogLevel>(parsed.GetRequiredValue(logLevel), ignoreCase: true),
                Collector = parsed.GetValue(collector) is { } url ? ParseCollector(url) : null,
                Intervals = new PollIntervals
                {
                    Fetch = Span("--fetch-every", parsed.GetValue(fetch)),
                    Running = Span("--running-every", parsed.GetValue(running)),
                    Apply = Span("--apply-every", parsed.GetValue(apply)),
                },
            };
            await using RemoteTasksServer server = await RemoteTasksServer.StartAsync(options, logging: null, ct);
            await terminal.Error.WriteLineAsync($"Serving {server.Url}  token: {server.TokenFile}  cache: {server.Cache.Directory}");
            if (terminal.ShowsProgress)
                await terminal.Error.WriteLineAsync($"Sign in once, within ten minutes: {server.SignInUrl()}");
            if (!IPAddress.IsLoopback(options.Listen.Address))
                await terminal.Error.WriteLineAsync("This address can be reached from other machines, and HTTP does not hide the token, nor do browsers sign in over it: put a proxy with TLS in front, and name it by --public-url and --proxy.");
            await server.WaitForShutdownAsync(ct);
            return ExitCode.Good;
        });
        return command;
    }

    private static Option<double> Seconds(string name, string description, double seconds) =>
        new(name) { Description = $"{description} In seconds.", HelpName = "N", DefaultValueFactory = _ => seconds };

    private static TimeSpan Span(string name, double seconds) =>
        seconds is >= 0.1 and <= 86400 ? TimeSpan.FromSeconds(seconds) : throw new UsageException($"{name} must be from 0.1 to 86400 seconds.");

    private static Uri ParseCollector(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"
        ? url
        : throw new UsageException($"--otlp-endpoint: '{text}' is not the URL of a collector, as in http://127.0.0.1:4317.");

    private static IPEndPoint ParseListen(string text) =>
        IPEndPoint.TryParse(text.Replace("localhost", "127.0.0.1", StringComparison.Ordinal), out IPEndPoint? address) && HasPort(text)
            ? address
            : throw new UsageException($"--listen: '{text}' is not an address and a port, as in 127.0.0.1:8480 or [::1]:8480.");

    /// <summary>Not so for ::1 alone, which ends in what looks like a port.</summary>
    private static bool HasPort(string text) => text.Count(c => c == ':') == 1 || text.Contains("]:", StringComparison.Ordinal);
}
