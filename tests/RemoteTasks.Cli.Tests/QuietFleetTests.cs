using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using RemoteTasks.Cli.Tests.Support;
using RemoteTasks.FakeFleet;

namespace RemoteTasks.Cli.Tests;

/// <summary>
/// What a large fleet costs on which nothing happens. The daemon is a process of its own, with the variables of the systemd unit: what is measured is its alone,
/// the fleet's part is in the test's.
/// </summary>
public sealed class QuietFleetTests(ITestOutputHelper output)
{
    private const int Clusters = 100;
    private const int NodesPerCluster = 10;
    private const int TasksPerNode = 5;
    private const long MemoryBytesMax = 150L << 20;

    private static readonly TimeSpan ProcessorTimeMax = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_cycle_over_a_thousand_quiet_nodes_writes_nothing_and_costs_little()
    {
        using var directory = new TempDirectory();
        await using Fleet fleet = await Fleet.StartAsync(new FleetOptions
        {
            PveRemotes = Clusters, NodesPerPve = NodesPerCluster, PbsRemotes = 0, HistoryTasks = 0, TasksPerNodePerHour = 0,
        });
        foreach (FakeRemote remote in fleet.Remotes)
        {
            for (int i = 0; i < TasksPerNode * NodesPerCluster; i++)
                fleet.StartTask(remote.Id, remote.Nodes[i % NodesPerCluster], "qmstart", "100", "root@pam", TimeSpan.Zero);
        }

        string remotes = directory.PathOf("remotes.json");
        fleet.WriteRemotesFile(remotes);
        await using ProductProcess daemon = ProductProcess.Start(
            ["serve", "--remotes", remotes, "--data", directory.PathOf("data"), "--listen", "127.0.0.1:0", "--fetch-every", "86400", "--running-every", "86400"], UnitFile.Environment);
        using var http = new HttpClient { BaseAddress = new Uri(await daemon.AfterAsync("Serving")), Timeout = TimeSpan.FromMinutes(5) };
        string token = await File.ReadAllTextAsync(directory.PathOf("data/admin-token"));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());

        // The first ones fetch all and load the code.
        for (int i = 0; i < 2; i++)
            await RefreshAsync(http);
        Dictionary<string, string> before = Files(directory.PathOf("data/remote-tasks"));
        TimeSpan usedBefore = daemon.ProcessorTime;
        long listsBefore = fleet.RequestsTo("GET /nodes/{node}/tasks");
        await RefreshAsync(http);
        TimeSpan used = daemon.ProcessorTime - usedBefore;
        (long bytes, long withFiles) = daemon.MemoryBytes;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"A cycle over {Clusters * NodesPerCluster} quiet nodes: {used.TotalSeconds:0.00} s of processor time, {bytes / 1048576.0:0} MiB of memory of its own, {withFiles / 1048576.0:0} MiB with the files of the runtime"));

        Assert.Equal(Clusters * NodesPerCluster, fleet.RequestsTo("GET /nodes/{node}/tasks") - listsBefore);
        Assert.Equal(before, Files(directory.PathOf("data/remote-tasks")));
        Assert.True(used < ProcessorTimeMax, $"{used}");
        Assert.True(bytes < MemoryBytesMax, $"{bytes} bytes");
    }

    private static async Task RefreshAsync(HttpClient http)
    {
        using HttpResponseMessage response = await http.PostAsync(new Uri("api2/json/remotes/tasks/refresh", UriKind.Relative), content: null);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        JsonElement[] outcomes = [.. JsonDocument.Parse(body).RootElement.GetProperty("data").EnumerateArray()];
        Assert.Equal(Clusters, outcomes.Length);
        Assert.All(outcomes, remote => Assert.Empty(remote.GetProperty("problems").EnumerateObject()));
    }

    private static Dictionary<string, string> Files(string directory) => Directory.GetFiles(directory).ToDictionary(
        file => file, file => $"{File.GetLastWriteTimeUtc(file):O} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}", StringComparer.Ordinal);
}
