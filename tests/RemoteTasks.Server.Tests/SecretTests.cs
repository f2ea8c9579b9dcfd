using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using RemoteTasks.FakeFleet;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.TaskLogs;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests;

/// <summary>
/// The tokens of the remotes and the daemon's own are what is looked for: in everything that is logged at the lowest level, answered, thrown or written,
/// through success and every kind of failure, also where a remote repeats the token that it was sent.
/// </summary>
public sealed class SecretTests
{
    [Fact]
    public async Task No_secret_is_in_any_log_answer_exception_or_file_that_others_may_read()
    {
        var logs = new Logs();
        var answers = new StringBuilder();
        await using Daemon daemon = await Daemon.StartAsync(
            new FleetOptions { PveRemotes = 2, NodesPerPve = 1, PbsRemotes = 1, HistoryTasks = 300, TasksPerNodePerHour = 0 },
            logs: logs,
            adjust: options => options with { LogLevelMin = LogLevel.Trace, KeptLogs = new KeptLogOptions(), RemotesFile = Path.Combine(options.DataDirectory, "remotes.json") },
            filter: logging => logging.AddFilter("Microsoft", LogLevel.Trace));
        string[] secrets = [.. daemon.Fleet.Remotes.Select(remote => remote.Token), (await File.ReadAllTextAsync(daemon.Server.TokenFile)).Trim()];
        foreach (FakeRemote remote in daemon.Fleet.Remotes)
        {
            // A remote that writes what it was sent into whatever it tells.
            daemon.Fleet.StartTask(remote.Id, remote.Nodes[0], "vzdump", "100", "root@pam", TimeSpan.FromSeconds(1), $"bad header: {Header(remote)}");
        }

        await Task.Delay(TimeSpan.FromSeconds(2.5), TimeProvider.System);
        await AskAllAsync(daemon, answers);
        Assert.Contains("bad header: P", answers.ToString(), StringComparison.Ordinal);
        foreach (Func<FakeRemote, FakeFault> fault in Faults())
        {
            foreach (FakeRemote remote in daemon.Fleet.Remotes)
                remote.Fault = _ => fault(remote);
            await AskAllAsync(daemon, answers);
        }

        daemon.Fleet.Remotes[0].Fault = null;
        daemon.Fleet.ChangeCertificate("pve-01");
        await AskAllAsync(daemon, answers);
        await BreakRemotesFileAsync(daemon);
        await AskAllAsync(daemon, answers);
        Assert.Contains("certificate", answers.ToString(), StringComparison.Ordinal);
        Assert.Contains("answered 401", answers.ToString(), StringComparison.Ordinal);
        Assert.Contains("it answered 500 (got PVEAPIToken=mon@pve!tasks=***", answers.ToString(), StringComparison.Ordinal);
        Assert.Contains(logs.Entries, entry => entry.Level == LogLevel.Trace || entry.Level == LogLevel.Debug);
        Assert.Contains(logs.Entries, entry => entry.Text.Contains("The list of remotes cannot be read", StringComparison.Ordinal));

        string logged = string.Join('\n', logs.Entries.Select(entry => entry.Text));
        foreach (string secret in secrets.SelectMany(secret => (string[])[secret, Uri.EscapeDataString(secret)]))
        {
            Assert.DoesNotContain(secret, logged, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, answers.ToString(), StringComparison.Ordinal);
            foreach (string file in Directory.GetFiles(daemon.DataDirectory, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length > 0))
                AssertPrivate(file, secret);
        }
    }

    [Fact]
    public async Task A_secret_that_is_repeated_is_in_no_exception_however_deep()
    {
        await using Fleet fleet = await Fleet.StartAsync(new FleetOptions { PveRemotes = 1, NodesPerPve = 1, PbsRemotes = 1, HistoryTasks = 0 });
        foreach (FakeRemote remote in fleet.Remotes)
        {
            var definition = new RemoteDefinition
            {
                Id = remote.Id,
                Type = remote.Type == "pve" ? RemoteType.Pve : RemoteType.Pbs,
                Endpoints = [RemoteEndpoint.Parse(remote.Endpoints[0], remote.Type == "pve" ? RemoteType.Pve : RemoteType.Pbs) with { Fingerprint = remote.Fingerprint }],
                AuthId = remote.AuthId,
                Token = new ApiToken(remote.Token),
            };
            using var client = new ProxmoxClient(definition);
            foreach (Func<FakeRemote, FakeFault> fault in Faults().Where(fault => fault(remote) != FakeFault.Hang))
            {
                remote.Fault = _ => fault(remote);
                var error = await Record.ExceptionAsync(() => client.ListTasksAsync(remote.Nodes[0], new TaskListParameters(), CancellationToken.None));
                Assert.DoesNotContain(remote.Token, $"{error} {definition}", StringComparison.Ordinal);
                client.TryAgain();
            }
        }
    }

    private static Func<FakeRemote, FakeFault>[] Faults() =>
    [
        _ => FakeFault.Status(401), _ => FakeFault.Status(403), _ => FakeFault.Status(500), _ => FakeFault.Status(595), _ => FakeFault.Drop, _ => FakeFault.CutBody,
        _ => FakeFault.WrongTypes, _ => FakeFault.ControlCharacters, _ => FakeFault.Rubbish(100_000),
        remote => FakeFault.Status(500, $"got {Header(remote)}, which is wrong"), remote => FakeFault.Status(401, $"got {Header(remote)}"),
        remote => FakeFault.Status(400, $"no such task {remote.Token}"),
    ];

    private static string Header(FakeRemote remote) =>
        remote.Type == "pve" ? $"PVEAPIToken={remote.AuthId}={remote.Token}" : $"PBSAPIToken={remote.AuthId}:{remote.Token}";

    /// <summary>Asks everything that can be asked, and some things that cannot.</summary>
    private static async Task AskAllAsync(Daemon daemon, StringBuilder answers)
    {
        string token = (await File.ReadAllTextAsync(daemon.Server.TokenFile)).Trim();
        await KeepAsync(daemon, answers, HttpMethod.Post, "refresh");
        string task = Uri.EscapeDataString((await daemon.ListAsync("limit=1&remote=pve-01")).Select(row => row.Upid).First());
        string[] paths =
        [
            "list?limit=0", "statistics", "freshness", $"{task}", $"{task}/log?limit=0", $"{task}/status", "list?nonsense=1", "../../../../health", "../../../../metrics",
            "../../../../openapi/v1.json", "../../../../nowhere",
        ];
        foreach (string path in paths)
            await KeepAsync(daemon, answers, HttpMethod.Get, path);
        await KeepAsync(daemon, answers, HttpMethod.Post, $"{task}/track");
        await KeepAsync(daemon, answers, HttpMethod.Delete, task);
        using var stranger = new HttpClient { BaseAddress = daemon.Server.Url };
        stranger.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Basic {token}");
        using HttpResponseMessage refused = await stranger.GetAsync(new Uri("api2/json/remotes/tasks/list", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        answers.Append(refused.Headers).Append(await refused.Content.ReadAsStringAsync());
    }

    private static async Task KeepAsync(Daemon daemon, StringBuilder answers, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, new Uri($"api2/json/remotes/tasks/{path}", UriKind.Relative));
        using HttpResponseMessage response = await daemon.Http.SendAsync(request);
        answers.Append(response).Append(await response.Content.ReadAsStringAsync()).Append('\n');
    }

    /// <summary>Cut off in the middle of a secret, and read again.</summary>
    private static async Task BreakRemotesFileAsync(Daemon daemon)
    {
        string text = await File.ReadAllTextAsync(daemon.RemotesPath);
        string token = daemon.Fleet.Remotes[0].Token;
        string broken = text[..(text.IndexOf(token, StringComparison.Ordinal) + token.Length)];
        await using (FileStream file = File.OpenWrite(daemon.RemotesPath))
        {
            file.SetLength(0);
            await file.WriteAsync(Encoding.UTF8.GetBytes(broken));
        }

        using var reread = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await daemon.Http.GetStringAsync(new Uri("health", UriKind.Relative), reread.Token)).Contains("list of remotes", StringComparison.Ordinal) is false)
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, reread.Token);
    }

    private static void AssertPrivate(string file, string secret)
    {
        using var content = new MemoryStream();
        using (var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
            open.CopyTo(content);
        if (content.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0)
        {
            Assert.True(File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), $"{file} has {secret} and may be read by others.");
            Assert.Contains(Path.GetFileName(file), (string[])["remotes.json", "admin-token"]);
        }
    }
}
