using RemoteTasks.FakeFleet;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests.Polling;

/// <summary>Rule 10: page on until the list is complete, with a guard against remotes that ignore <c>start</c> and <c>limit</c>.</summary>
public sealed class PagingTests
{
    [Fact]
    public async Task A_backup_server_with_more_tasks_than_fit_into_one_answer_is_listed_completely()
    {
        await using Daemon daemon = await Daemon.StartAsync(Tasks(pbs: true, 12_000));
        await daemon.RefreshAsync();
        Assert.True(daemon.Fleet.Everything().Count >= 12_000);
        daemon.AssertTrue();
    }

    [Fact]
    public async Task A_cluster_that_gives_fewer_rows_than_it_is_asked_for_is_listed_completely()
    {
        await using Daemon daemon = await Daemon.StartAsync(Tasks(pbs: false, 700));
        daemon.Fleet.Remotes[0].RowsMax = 50;
        await daemon.RefreshAsync();
        daemon.AssertTrue();
    }

    [Theory]
    [InlineData(true, 5_000)]
    [InlineData(true, 7_000)]
    [InlineData(false, 700)]
    public async Task A_remote_that_ignores_start_and_limit_is_listed_completely_and_asked_no_more_than_twice(bool pbs, int tasks)
    {
        await using Daemon daemon = await Daemon.StartAsync(Tasks(pbs, tasks));
        daemon.Fleet.Remotes[0].IgnoresPaging = true;
        long before = daemon.Fleet.RequestsTo("GET /nodes/{node}/tasks");
        await daemon.RefreshAsync();
        daemon.AssertTrue();
        Assert.InRange(daemon.Fleet.RequestsTo("GET /nodes/{node}/tasks") - before, 1, 3);
    }

    [Fact]
    public async Task Where_every_page_is_the_same_it_is_said_that_the_rest_is_not_known()
    {
        var listing = await NodeListing.FetchAsync((_, limit) => Task.FromResult(Page(0, limit)), pageRows: 100);
        Assert.Equal(100, listing.Tasks.Count);
        Assert.Contains("ignores where a page should begin", listing.Problem, StringComparison.Ordinal);
        Assert.Equal(200, listing.Rows);
    }

    [Fact]
    public async Task A_list_without_an_end_ends()
    {
        var listing = await NodeListing.FetchAsync((start, limit) => Task.FromResult(Page(start, limit)), pageRows: 5_000);
        Assert.Contains("does not end", listing.Problem, StringComparison.Ordinal);
        Assert.InRange(listing.Rows, 200_000, 260_000);

        // Nor does one that gives a row at a time and says that there are more.
        int pages = 0;
        listing = await NodeListing.FetchAsync(
            (start, _) =>
            {
                pages++;
                return Task.FromResult(Page(start, 1) with { Total = long.MaxValue });
            },
            pageRows: 5_000);
        Assert.Contains("does not end", listing.Problem, StringComparison.Ordinal);
        Assert.InRange(pages, 1, 500);
    }

    [Fact]
    public async Task A_list_that_moves_while_it_is_read_loses_no_row()
    {
        // With each page three tasks begin, which push the others on.
        int begun = 1_000;
        var listing = await NodeListing.FetchAsync(
            (start, limit) =>
            {
                begun += 3;
                RemoteTask[] rows = [.. Enumerable.Range(0, begun).Reverse().Skip(start).Take(limit).Select(number => Row(number))];
                return Task.FromResult(new TaskListAnswer { Tasks = rows, RowCount = rows.Length });
            },
            pageRows: 200);
        Assert.True(listing.IsComplete);
        Assert.Empty(Enumerable.Range(0, 1_003).Select(number => Row(number).Upid).Except(listing.Tasks.Select(task => task.Upid), StringComparer.Ordinal));
    }

    [Fact]
    public async Task Where_a_page_is_too_large_smaller_ones_are_asked_for()
    {
        await using Fleet fleet = await Fleet.StartAsync(Tasks(pbs: false, 1_200));
        (ProxmoxClient client, CallGate gate) = Given.Link(fleet, "pve-01", new ProxmoxClientOptions { AnswerBytesMax = 200_000 });
        using (client)
        using (gate)
        {
            NodeAnswer answer = await new NodePoll(client, gate, TimeProvider.System).AskAsync(new NodeKnowledge("pve-01-n1", Cutoff: null, []), new NodeMark([]), CancellationToken.None);
            Assert.Null(answer.Problem);
            Assert.Equal(fleet.Remembered().Count, answer.Tasks.Count);
            Assert.True(fleet.RequestsTo("GET /nodes/{node}/tasks") >= 4);
        }
    }

    private static FleetOptions Tasks(bool pbs, int tasks) => new()
    {
        PveRemotes = pbs ? 0 : 1, NodesPerPve = 1, PbsRemotes = pbs ? 1 : 0, HistoryTasks = tasks, TasksPerNodePerHour = 0, IndexBytesMax = 500_000,
        Clock = Given.Clock(), KeepsEverything = true,
    };

    private static TaskListAnswer Page(int start, int rows) =>
        new() { Tasks = [.. Enumerable.Range(start, rows).Select(number => Row(number))], RowCount = rows };

    private static RemoteTask Row(int number) => new($"UPID:n:{number:X8}:00000001:{number:X8}:qmstart:100:root@pam:", number, number + 1, "OK");
}
