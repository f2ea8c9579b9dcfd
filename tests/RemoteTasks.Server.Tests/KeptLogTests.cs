using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.FakeFleet;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.TaskLogs;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests;

/// <summary>Logs of failed tasks, fetched while they are there and shown when they are not.</summary>
public sealed class KeptLogTests
{
    private const string LogRoute = "GET /nodes/{node}/tasks/{upid}/log";

    [Theory]
    [InlineData("pve-01", "pve-01-n1")]
    [InlineData("pbs-01", "localhost")]
    public async Task The_reason_for_a_failure_outlives_the_nodes_memory_the_node_and_the_remote(string remote, string node)
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await StartAsync(clock);
        string upid = Upid(daemon.Fleet.StartTask(remote, node, "verify", remote == "pbs-01" ? "store:vm/100" : "100", "root@pam", TimeSpan.FromSeconds(60), "job errors"));
        clock.Advance(TimeSpan.FromMinutes(2));
        await daemon.RefreshAsync();
        JsonElement live = await LogAsync(daemon, upid);
        Assert.Equal("remote", live.GetProperty("source").GetString());
        await UntilKeptAsync(daemon, 1);

        daemon.Fleet.Forget(remote, node);
        AssertKept(live, await LogAsync(daemon, upid));
        daemon.Fleet.SetOnline(remote, node, online: false);
        AssertKept(live, await LogAsync(daemon, upid));
        await daemon.Server.Fleet.ReloadAsync([], CancellationToken.None);
        JsonElement kept = await LogAsync(daemon, upid);
        AssertKept(live, kept);
        Assert.Equal($"There is no remote '{remote}' any more that could be asked.", kept.GetProperty("problem").GetString());
        Assert.Equal(clock.GetUtcNow().ToUnixTimeSeconds(), kept.GetProperty("fetched").GetInt64());
        JsonElement[] part = [.. (await LogAsync(daemon, upid, "?start=1&limit=1")).GetProperty("data").EnumerateArray()];
        Assert.Equal(2, Assert.Single(part).GetProperty("n").GetInt64());
    }

    [Fact]
    public async Task Logs_of_all_but_good_ends_are_asked_for_and_each_once()
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await StartAsync(clock);
        foreach (string status in (string[])["OK", "job errors", "WARNINGS: 1", "unexpected status"])
            daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "100", "root@pam", TimeSpan.FromSeconds(30), status);
        daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "100", "root@pam", duration: null);
        clock.Advance(TimeSpan.FromMinutes(2));
        await daemon.RefreshAsync();
        await UntilKeptAsync(daemon, 3);
        long asked = daemon.Fleet.RequestsTo(LogRoute);
        for (int i = 0; i < 3; i++)
        {
            clock.Advance(TimeSpan.FromMinutes(2));
            await daemon.RefreshAsync();
        }

        Assert.Equal(6, asked);
        Assert.Equal(asked, daemon.Fleet.RequestsTo(LogRoute));
        foreach (string file in KeptFiles(daemon))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Matches("^[0-9a-f]{32}[.]log[.]gz$", Path.GetFileName(file));
        }
    }

    [Fact]
    public async Task What_failed_before_the_daemon_began_is_caught_up_unless_it_is_history()
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await StartAsync(clock);
        FakeTask old = daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "100", "root@pam", TimeSpan.FromSeconds(30), "old");
        clock.Advance(TimeSpan.FromHours(25));
        daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "101", "root@pam", TimeSpan.FromSeconds(30), "new");
        clock.Advance(TimeSpan.FromMinutes(2));
        daemon.Fleet.Remotes[0].Fault = request => request.Route.EndsWith("/log", StringComparison.Ordinal) ? FakeFault.Status(500) : null;
        await daemon.RefreshAsync();
        await UntilAsync(() => daemon.Fleet.RequestsTo(LogRoute) > 0);
        Assert.Empty(KeptFiles(daemon));
        Assert.Equal(HttpStatusCode.BadGateway, (await daemon.Http.GetAsync(LogPath(Upid(old)))).StatusCode);

        daemon.Fleet.Remotes[0].Fault = null;
        await daemon.RestartAsync();
        await UntilKeptAsync(daemon, 1);
        Assert.Contains("new", Unpacked(Assert.Single(KeptFiles(daemon))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_remote_that_refuses_is_tried_a_few_times_and_holds_up_nobody()
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await StartAsync(clock);
        daemon.Fleet.Remotes[0].Fault = request => request.Route.EndsWith("/log", StringComparison.Ordinal) ? FakeFault.Hang : null;
        for (int i = 0; i < 5; i++)
            daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "100", "root@pam", TimeSpan.FromSeconds(30), "job errors");
        daemon.Fleet.StartTask("pbs-01", "localhost", "verify", "store:vm/100", "root@pam", TimeSpan.FromSeconds(30), "job errors");
        clock.Advance(TimeSpan.FromMinutes(2));
        await daemon.RefreshAsync();
        await UntilKeptAsync(daemon, 1);
        await UntilAsync(() => daemon.Fleet.RequestsTo(LogRoute) == 3);
        long began = TimeProvider.System.GetTimestamp();
        await daemon.RefreshAsync();
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task What_fails_is_tried_again_after_a_while_a_few_times_and_then_left()
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await StartAsync(clock);
        daemon.Fleet.Remotes[0].Fault = request => request.Route.EndsWith("/log", StringComparison.Ordinal) ? FakeFault.Status(500) : null;
        daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "100", "root@pam", TimeSpan.FromSeconds(30), "job errors");
        clock.Advance(TimeSpan.FromMinutes(2));
        await daemon.RefreshAsync();
        int tries = 1;
        foreach (double minutes in (double[])[0.5, 2, 10])
        {
            await UntilAsync(() => daemon.Fleet.RequestsTo(LogRoute) == tries);
            await StaysAsync(daemon, tries);
            clock.Advance(TimeSpan.FromMinutes(minutes) + TimeSpan.FromSeconds(1));
            tries++;
        }

        await UntilAsync(() => daemon.Fleet.RequestsTo(LogRoute) == tries);
        await StaysAsync(daemon, tries);
        clock.Advance(TimeSpan.FromHours(2));
        await daemon.RefreshAsync();
        await StaysAsync(daemon, tries);
        Assert.Equal(4, tries);
    }

    [Fact]
    public void Of_a_gigantic_log_the_last_whole_lines_are_kept_with_their_numbers()
    {
        TaskLogLine[] lines = [.. Enumerable.Range(1, 1000).Select(number => new TaskLogLine(number, $"line {number} {new string('x', 100)}"))];
        IReadOnlyList<TaskLogLine> kept = KeptLog.Fit(lines, 10_000);
        Assert.InRange(kept.Count, 50, 100);
        Assert.Equal(lines[^kept.Count..], kept);
        Assert.Empty(KeptLog.Fit(lines, 10));
        Assert.Equal(8193, Assert.Single(KeptLog.Fit([new TaskLogLine(1, new string('y', 1 << 20))], 1 << 20)).Text.Length);

        var log = new KeptLog("UPID:n:...", 7, 1000, [new TaskLogLine(999, "a\nb\u001b[2J\"\\"), new TaskLogLine(1000, "")]);
        KeptLog? read = KeptLog.TryRead(new MemoryStream(log.ToBytes()));
        Assert.Equal((log.Upid, 7, 1000), (read!.Upid, read.Fetched, read.Total));
        Assert.Equal(log.Lines, read.Lines);
    }

    [Fact]
    public async Task A_long_log_is_fetched_from_its_end()
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await StartAsync(clock, new KeptLogOptions { LinesMax = 3 });
        string upid = Upid(daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "100", "root@pam", TimeSpan.FromMinutes(30), "job errors"));
        clock.Advance(TimeSpan.FromMinutes(40));
        await daemon.RefreshAsync();
        await UntilKeptAsync(daemon, 1);
        JsonElement live = await LogAsync(daemon, upid);
        daemon.Fleet.Forget("pve-01", "pve-01-n1");
        JsonElement kept = await LogAsync(daemon, upid);
        Assert.True(live.GetProperty("data").GetArrayLength() > 3);
        Assert.Equal(live.GetProperty("total").GetInt64(), kept.GetProperty("total").GetInt64());
        Assert.Equal(
            live.GetProperty("data").EnumerateArray().TakeLast(3).Select(line => line.GetRawText()), kept.GetProperty("data").EnumerateArray().Select(line => line.GetRawText()));
    }

    [Fact]
    public async Task The_oldest_go_first_by_count_by_size_and_by_age_also_after_a_restart()
    {
        string directory = Directory.CreateTempSubdirectory("remote-tasks-logs-").FullName;
        try
        {
            FakeTimeProvider clock = Clock();
            KeptLogs logs = KeptLogs.Open(directory, new KeptLogOptions { CountMax = 5 }, clock);
            for (int number = 1; number <= 8; number++)
            {
                logs.Keep(Of(number), new KeptLog(Of(number).Native, clock.GetUtcNow().ToUnixTimeSeconds(), 1, [new TaskLogLine(1, $"{number}")]));
                clock.Advance(TimeSpan.FromHours(1));
            }

            Assert.Equal([4, 5, 6, 7, 8], Kept(logs));
            long bytes = logs.Bytes;
            await File.WriteAllBytesAsync(Path.Combine(directory, ".half.tmp"), [1, 2]);
            logs = KeptLogs.Open(directory, new KeptLogOptions { BytesMax = (bytes * 3 / 5) + 5 }, clock);
            Assert.Equal([6, 7, 8], Kept(logs));
            Assert.InRange(logs.Bytes, 1, bytes * 3 / 5 + 5);
            logs = KeptLogs.Open(directory, new KeptLogOptions { AgeMax = TimeSpan.FromMinutes(150) }, clock);
            Assert.Equal([7, 8], Kept(logs));
            Assert.Equal(2, Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Length);

            // A file that is not what it was is as good as none, and makes room for a new one.
            string damaged = Directory.GetFiles(directory, "*", SearchOption.AllDirectories)[0];
            byte[] content = File.ReadAllBytes(damaged);
            content[^6] ^= 0xFF;
            using (FileStream file = File.OpenWrite(damaged))
                file.Write(content);
            Assert.Single(Kept(logs));
            Assert.Equal(1, logs.Count);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static FakeTimeProvider Clock() => new(DateTimeOffset.FromUnixTimeSeconds(1_795_478_400));

    private static Task<Daemon> StartAsync(TimeProvider clock, KeptLogOptions? options = null) => Daemon.StartAsync(
        new FleetOptions { PveRemotes = 1, NodesPerPve = 1, PbsRemotes = 1, HistoryTasks = 0, TasksPerNodePerHour = 0, Clock = clock },
        adjust: server => server with { KeptLogs = options ?? new KeptLogOptions() });

    private static string Upid(FakeTask task) => $"{task.RemoteType}:{task.Remote}!{task.Upid}";

    private static RemoteUpid Of(int number)
    {
        Assert.True(RemoteUpid.TryParse($"pve:r!UPID:n:{number:X8}:00000001:6B000000:qmstart:1:root@pam:", out RemoteUpid? task, out string? problem), problem);
        return task;
    }

    private static int[] Kept(KeptLogs logs) => [.. Enumerable.Range(1, 8).Where(number => logs.Find(Of(number))?.Lines[0].Text == $"{number}")];

    private static Uri LogPath(string upid) => new($"api2/json/remotes/tasks/{Uri.EscapeDataString(upid)}/log", UriKind.Relative);

    private static Task<JsonElement> LogAsync(Daemon daemon, string upid, string query = "?limit=0") => daemon.GetAsync($"{Uri.EscapeDataString(upid)}/log{query}");

    private static void AssertKept(JsonElement live, JsonElement kept)
    {
        Assert.Equal("kept", kept.GetProperty("source").GetString());
        Assert.Equal(live.GetProperty("data").GetRawText(), kept.GetProperty("data").GetRawText());
        Assert.Equal(live.GetProperty("total").GetInt64(), kept.GetProperty("total").GetInt64());
    }

    private static string[] KeptFiles(Daemon daemon) =>
        Directory.Exists(KeptLogs.DirectoryIn(daemon.DataDirectory)) ? [.. Directory.GetFiles(KeptLogs.DirectoryIn(daemon.DataDirectory), "*.log.gz", SearchOption.AllDirectories).Where(file => !Path.GetFileName(file).StartsWith('.'))] : [];

    private static string Unpacked(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }

    private static Task UntilKeptAsync(Daemon daemon, int count) => UntilAsync(() => KeptFiles(daemon).Length == count);

    /// <summary>What was to come had time to come.</summary>
    private static async Task StaysAsync(Daemon daemon, int requests)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
        Assert.Equal(requests, daemon.Fleet.RequestsTo(LogRoute));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (long began = TimeProvider.System.GetTimestamp(); !condition(); await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System))
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20), "It did not come to that.");
    }
}
