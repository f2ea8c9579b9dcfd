using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.FakeFleet;
using RemoteTasks.Server.Observation;
using RemoteTasks.Server.TaskLogs;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests;

/// <summary>What is measured is of the process: alone, so that no other daemon is counted.</summary>
[CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true)]
public sealed class OneProcess;

/// <summary>Metrics and logs: what they say, and what remotes cannot make of them.</summary>
[Collection(nameof(TelemetryTests))]
public sealed class TelemetryTests
{
    [Fact]
    public async Task Metrics_count_polls_failures_tasks_and_what_there_is_by_remote_and_by_no_text_of_one()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_795_478_400));
        await using Daemon daemon = await Daemon.StartAsync(
            new FleetOptions { PveRemotes = 1, NodesPerPve = 2, PbsRemotes = 1, HistoryTasks = 0, TasksPerNodePerHour = 0, Clock = clock },
            adjust: options => options with { KeptLogs = new KeptLogOptions() });
        daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "987654321", "eve@pve", TimeSpan.FromSeconds(30), "made-up status");
        daemon.Fleet.StartTask("pve-01", "pve-01-n2", "vzdump", "4712", "eve@pve", duration: null);
        clock.Advance(TimeSpan.FromMinutes(2));
        daemon.Fleet.Remotes[1].Fault = _ => FakeFault.Status(500, "made-up error");
        await daemon.RefreshAsync();
        string text = "";
        for (int i = 0; i < 100 && !text.Contains("remote_tasks_kept_logs_fetched_total", StringComparison.Ordinal); i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            text = await daemon.Http.GetStringAsync(new Uri("metrics", UriKind.Relative));
        }

        foreach (string sample in (string[])
        [
            """remote_tasks_poll_duration_seconds_count{.*remote="pve-01"} [1-9]""", """remote_tasks_poll_failures_total{.*kind="server-error",remote="pbs-01"} [1-9]""",
            """remote_tasks_tasks_stored_total{.*remote="pve-01"} 1$""", "remote_tasks_tasks_running{.*} 1$", """remote_tasks_nodes{.*remote="pve-01",state="reached"} 2$""",
            """remote_tasks_nodes{.*remote="pbs-01",state="failed"} 1$""", "remote_tasks_history_gaps{.*} 0$", "remote_tasks_journal_rows{.*} 1$",
            "remote_tasks_cache_size_bytes{.*} [1-9]", """remote_tasks_upkeep_duration_seconds_count{.*work="apply"} [1-9]""", "remote_tasks_cache_write_duration_seconds_count{.*} [1-9]",
            "remote_tasks_kept_logs{.*} 1$", """remote_tasks_kept_logs_fetched_total{.*outcome="kept"} 1$""", "dotnet_gc_collections_total", "http_server_request_duration_seconds_count",
        ])
            Assert.True(Regex.IsMatch(text, sample, RegexOptions.Multiline, TimeSpan.FromSeconds(10)), $"{sample} is not in:\n{text}");
        foreach (string foreign in (string[])["made-up", "987654321", "eve@pve", "UPID"])
            Assert.DoesNotContain(foreign, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Polls_upkeep_and_changes_of_the_cache_can_be_traced()
    {
        var seen = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => seen.Enqueue($"{activity.OperationName} {string.Join(' ', activity.Tags.Select(tag => $"{tag.Key}={tag.Value}"))}".TrimEnd()),
        };
        ActivitySource.AddActivityListener(listener);
        await using (Daemon daemon = await Daemon.StartAsync(new FleetOptions { PveRemotes = 1, NodesPerPve = 1, PbsRemotes = 0, HistoryTasks = 0, TasksPerNodePerHour = 0 }))
            await daemon.RefreshAsync();
        Assert.All((string[])["poll remote=pve-01", "cache write", "upkeep work=rotate"], activity => Assert.Contains(activity, seen));
    }

    [Fact]
    public async Task A_collector_that_is_named_gets_metrics_and_traces_and_no_secret()
    {
        await using Collector collector = await Collector.StartAsync();
        string[] secrets;
        await using (Daemon daemon = await Daemon.StartAsync(
            new FleetOptions { PveRemotes = 1, NodesPerPve = 1, PbsRemotes = 0, HistoryTasks = 10, TasksPerNodePerHour = 0 }, adjust: options => options with { Collector = collector.Url }))
        {
            await daemon.RefreshAsync();
            secrets = [daemon.Fleet.Remotes[0].Token.Split('=')[^1], (await File.ReadAllTextAsync(daemon.Server.TokenFile)).Trim()];
        }

        // Whoever ends sends what is left.
        string traces = collector.SentTo("TraceService");
        string metrics = collector.SentTo("MetricsService");
        Assert.All((string[])["remote-tasks", "poll", "cache write", "upkeep", "pve-01"], word => Assert.Contains(word, traces, StringComparison.Ordinal));
        Assert.All(
            (string[])["remote-tasks", "remote_tasks.poll.duration", "remote_tasks.tasks.stored", "dotnet.gc.collections", "pve-01"],
            word => Assert.Contains(word, metrics, StringComparison.Ordinal));
        Assert.All(secrets, secret => Assert.True(secret.Length > 8 && !(traces + metrics).Contains(secret, StringComparison.Ordinal)));
    }

    [Fact]
    public void Nothing_that_is_logged_can_begin_a_line_or_move_a_cursor()
    {
        const string Nasty = "a\r\nb\u001b[2J\u202e\u2028c";
        const string Clean = "a\uFFFD\uFFFDb\uFFFD[2J\uFFFD\uFFFDc";
        var kept = new Keeper();
        using var factory = new CleanLoggerFactory(new LoggerFactory([kept]));
        InvalidOperationException error = Thrown(new InvalidOperationException(Nasty, new IOException(Nasty)));
        Dictionary<string, object?> state = new() { ["Text"] = Nasty, ["Number"] = 7, ["Address"] = new Uri("http://x/") };
        factory.CreateLogger(Nasty).Log(LogLevel.Warning, default, (IReadOnlyList<KeyValuePair<string, object?>>)[.. state], error, (values, _) => $"{values[0].Value} 7");
        Assert.Equal($"{Clean} 7", kept.Message);
        Assert.Equal("http://x/", kept.Values["Address"]);
        Assert.Equal(Clean, kept.Values["Text"]);
        Assert.Equal(7, kept.Values["Number"]);
        Assert.Equal(Clean, kept.Error!.Message);
        string[] lines = kept.Error.ToString().Split('\n');
        Assert.Equal($"System.InvalidOperationException: {Clean}", lines[0]);
        Assert.Equal($" ---> System.IO.IOException: {Clean}", lines[1]);
        Assert.All(lines.Skip(2), line => Assert.StartsWith("   at ", line, StringComparison.Ordinal));
        Assert.True(lines.Length > 2);
    }

    private static InvalidOperationException Thrown(InvalidOperationException error)
    {
        try
        {
            throw error;
        }
        catch (InvalidOperationException caught)
        {
            return caught;
        }
    }

    private sealed class Keeper : ILoggerProvider, ILogger
    {
        internal string Message { get; private set; } = "";

        internal Dictionary<string, object?> Values { get; } = [];

        internal Exception? Error { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            (Message, Error) = (formatter(state, exception), exception);
            foreach ((string name, object? value) in (IEnumerable<KeyValuePair<string, object?>>)state!)
                Values[name] = value;
        }

        public void Dispose()
        {
            // It holds nothing.
        }
    }
}
