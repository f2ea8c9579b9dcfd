using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using RemoteTasks.FakeFleet.Life;
using RemoteTasks.FakeFleet.Tests.Support;

namespace RemoteTasks.FakeFleet.Tests;

public sealed class FleetTests
{
    [Fact]
    public async Task The_remotes_file_holds_all_a_client_needs_and_only_its_owner_reads_it()
    {
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(Fleets.Clock()));
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            await File.WriteAllTextAsync(path, "older");
            fleet.WriteRemotesFile(path);
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            using var file = JsonDocument.Parse(await File.ReadAllTextAsync(path));
            var remotes = file.RootElement.GetProperty("remotes").EnumerateArray().ToList();

            Assert.Equal(["pve-01", "pve-02", "pbs-01"], remotes.Select(static remote => remote.Text("id")));
            Assert.Equal(["pve", "pve", "pbs"], remotes.Select(static remote => remote.Text("type")));
            Assert.Equal([2, 2, 1], remotes.Select(static remote => remote.GetProperty("nodes").GetArrayLength()));
            Assert.Equal(("mon@pve!tasks", fleet.Pve().Token), (remotes[0].Text("authid"), remotes[0].Text("token")));
            var node = remotes[0].GetProperty("nodes")[1];
            Assert.Equal((fleet.Pve().Endpoints[1], fleet.Pve().Fingerprint), (node.Text("hostname"), node.Text("fingerprint")));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Every_remote_has_its_own_certificate_and_token()
    {
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(Fleets.Clock()));

        Assert.Equal(3, fleet.Remotes.Select(static remote => remote.Fingerprint).Distinct().Count());
        Assert.Equal(3, fleet.Remotes.Select(static remote => remote.Token).Distinct().Count());
        Assert.All(fleet.Remotes, static remote => Assert.Matches("^([0-9A-F]{2}:){31}[0-9A-F]{2}$", remote.Fingerprint));
        Assert.Equal(5, fleet.Remotes.SelectMany(static remote => remote.Endpoints).Distinct().Count());
    }

    [Fact]
    public async Task Answers_carry_the_time_of_the_fleet_and_are_counted()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pve());
        clock.Advance(3_600);
        using var response = await client.SendAsync(HttpMethod.Get, "nodes/pve-01-n2/tasks");

        Assert.Equal(new DateTimeOffset(2026, 3, 10, 15, 23, 45, TimeSpan.Zero), response.Headers.Date);
        Assert.Equal((1, 1, 0), (fleet.RequestCount, fleet.Pve().RequestCount, fleet.Pbs().RequestCount));
        Assert.Equal(1, fleet.RequestsTo("GET /nodes/{node}/tasks"));
    }

    [Fact]
    public async Task Pve_compresses_when_asked_to()
    {
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(Fleets.Clock()));
        using var client = new Client(fleet.Pve());
        using var plain = await client.SendAsync(HttpMethod.Get, "nodes/pve-01-n1/tasks");
        using var packed = await client.SendAsync(
            HttpMethod.Get, "nodes/pve-01-n1/tasks", static request => request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip"));
        await using var unpacked = new GZipStream(await packed.Content.ReadAsStreamAsync(), CompressionMode.Decompress);

        Assert.Equal(["gzip"], packed.Content.Headers.ContentEncoding);
        Assert.Equal(await plain.Content.ReadAsStringAsync(), await new StreamReader(unpacked).ReadToEndAsync());
    }

    [Fact]
    public async Task Delays_are_slept_in_real_time()
    {
        await using var fleet = await Fleet.StartAsync(Fleets.Empty(Fleets.Clock()) with { Delay = TimeSpan.FromMilliseconds(100) });
        fleet.Pve().Delay = TimeSpan.FromMilliseconds(100);
        using var client = new Client(fleet.Pve());
        var begin = Stopwatch.GetTimestamp();
        await client.GetAsync("version");

        Assert.True(Stopwatch.GetElapsedTime(begin) >= TimeSpan.FromMilliseconds(190));
    }

    [Fact]
    public async Task Many_clients_at_once_are_answered()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(clock) with { TasksPerNodePerHour = 6_000 });
        using var client = new Client(fleet.Pve());
        await Parallel.ForAsync(0, 200, async (number, _) =>
        {
            clock.Advance(1);
            if (number % 10 == 0) fleet.Start(seconds: 1);
            var rows = await client.TasksAsync(fleet.Pve().Nodes[number % 2], "?source=all&limit=2000");
            Assert.Equal(rows.Count, rows.DistinctBy(Json.Upid).Count());
        });
    }

    [Fact]
    public async Task Options_that_make_no_sense_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Fleet.StartAsync(new FleetOptions { PveRemotes = 0, PbsRemotes = 0 }));
        await Assert.ThrowsAsync<ArgumentException>(() => Fleet.StartAsync(new FleetOptions { NodesPerPve = 0 }));
    }

    [Theory]
    [InlineData("Backup-Vms:vm/6002", @"Backup\x2dVms\x3avm-6002")]
    [InlineData(".hidden.store", @"\x2ehidden.store")]
    [InlineData("a_b ü", @"a_b\x20\xc3\xbc")]
    public void Pbs_escapes_worker_ids_as_systemd_does(string id, string escaped) => Assert.Equal(escaped, UpidText.Escape(id));

    [Theory]
    [InlineData("UPID:pve1:0000C346:FFFFFFFFF:68D7279C:qmstart:101:root@pam:", false, true)]
    [InlineData("UPID:pve1:0000c346:00ab12cd:68d7279c:vzdump::root@pam!t:", false, true)]
    [InlineData("UPID:pve1:0000C346:FFFFFFFFF:68D7279C:qmstart:101:root@pam", false, false)]
    [InlineData("UPID:pve1:0000C346:FFFFFFFFF:68D7279C:qm start:101:root@pam:", false, false)]
    [InlineData(@"UPID:pbs-01:000003A9:00000612:000017CD:643F3D37:backup:Backup\x2dVms\x3avm-6002:backup@pbs:", true, true)]
    [InlineData("UPID:pve1:0000C346:FFFFFFFFF:68D7279C:qmstart:101:root@pam:", true, false)]
    public void A_upid_is_recognised_by_its_form(string upid, bool pbs, bool wellFormed) =>
        Assert.Equal(wellFormed, UpidText.IsWellFormed(upid, pbs));
}
