using System.Net;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.FakeFleet;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests;

/// <summary>Tasks that a caller has started and asks the daemon to follow.</summary>
public sealed class TrackTests
{
    private static readonly FakeTimeProvider Clock = new(DateTimeOffset.FromUnixTimeSeconds(1_795_478_400));

    [Fact]
    public async Task A_tracked_task_is_followed_until_it_ends_by_the_poll_of_running_tasks_alone()
    {
        await using Daemon daemon = await Daemon.StartAsync(Fleet(), new PollIntervals
        {
            Fetch = TimeSpan.FromDays(1), Quiet = TimeSpan.FromDays(1), Running = TimeSpan.FromSeconds(10), Apply = TimeSpan.FromDays(1), Rotate = TimeSpan.FromDays(1), Repair = TimeSpan.FromDays(1),
        });
        await daemon.WaitUntilIdleAsync();
        FakeTask task = daemon.Fleet.StartTask("pve-01", "pve-01-n1", "qmmigrate", "100", "root@pam", duration: null);
        string upid = $"pve:pve-01!{task.Upid}";
        Assert.Equal(HttpStatusCode.OK, await TrackAsync(daemon, upid));
        Assert.Equal([upid], Tracked(daemon));
        Assert.Empty(await daemon.ListAsync());
        daemon.Fleet.EndTask(task.Upid, "migration aborted");
        for (int i = 0; i < 3 && (await daemon.ListAsync()).Length == 0; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            await daemon.WaitUntilIdleAsync();
        }

        Assert.Equal("migration aborted", Assert.Single(await daemon.ListAsync()).Status);
        Assert.Empty(Tracked(daemon));
    }

    [Fact]
    public async Task What_no_remote_knows_of_is_not_tracked()
    {
        await using Daemon daemon = await Daemon.StartAsync(Fleet());
        Assert.Equal(HttpStatusCode.NotFound, await TrackAsync(daemon, "pve:pve-01!UPID:pve-01-n1:00000001:00000001:6B000000:qmstart:1:root@pam:"));
        Assert.Equal(HttpStatusCode.NotFound, await TrackAsync(daemon, "pve:gone!UPID:n:00000001:00000001:6B000000:qmstart:1:root@pam:"));
        Assert.Equal(HttpStatusCode.BadRequest, await TrackAsync(daemon, "nonsense"));
        Assert.Empty(Tracked(daemon));
    }

    private static FleetOptions Fleet() => new() { PveRemotes = 1, NodesPerPve = 1, PbsRemotes = 0, HistoryTasks = 0, TasksPerNodePerHour = 0, Clock = Clock };

    private static async Task<HttpStatusCode> TrackAsync(Daemon daemon, string upid)
    {
        using HttpResponseMessage response = await daemon.Http.PostAsync(new Uri($"api2/json/remotes/tasks/{Uri.EscapeDataString(upid)}/track", UriKind.Relative), content: null);
        return response.StatusCode;
    }

    private static IReadOnlyList<string> Tracked(Daemon daemon)
    {
        using CacheReader reader = daemon.Server.Cache.Read();
        return reader.State.TrackedTasks;
    }
}
