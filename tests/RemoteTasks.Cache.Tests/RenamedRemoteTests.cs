using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>What becomes of state and running tasks when a remote gets another id, or goes.</summary>
public sealed class RenamedRemoteTests
{
    [Fact]
    public void Of_the_tracked_tasks_only_those_of_the_renamed_remote_are_renamed()
    {
        using var cache = new TempCache(1000);
        using CacheWriter writer = cache.Cache.Write();
        writer.Update(new TaskBatch { Track = [Some.Upid(1000), Some.Upid(1000, remote: "other"), Some.PbsUpid(1000), "no task's name"] });
        writer.RenameRemote("pve-remote", "renamed");
        Assert.Equal([Some.Upid(1000, remote: "renamed"), Some.Upid(1000, remote: "other"), Some.PbsUpid(1000), "no task's name"], cache.State().TrackedTasks);
        writer.RenameRemote("pbs-remote", "renamed-too");
        writer.RemoveRemote("other", purge: false);
        Assert.Equal([Some.Upid(1000, remote: "renamed"), Some.PbsUpid(1000, remote: "renamed-too"), "no task's name"], cache.State().TrackedTasks);
        writer.Update(new TaskBatch { Gone = [Some.Upid(1000, remote: "renamed")] });
        Assert.Equal([Some.PbsUpid(1000, remote: "renamed-too"), "no task's name"], cache.State().TrackedTasks);
    }

    // What names the remotes may say it again.
    [Fact]
    public void A_renaming_that_is_done_is_not_done_again()
    {
        using TempCache cache = Renamed();
        using CacheWriter writer = cache.Cache.Write();
        byte[] state = File.ReadAllBytes(cache.PathOf("state"));
        writer.RenameRemote("pve-remote", "renamed");
        Assert.Equal(state, File.ReadAllBytes(cache.PathOf("state")));
        Assert.Equal([1000], cache.Starts(new TaskQuery { Remote = "renamed" }));
        Assert.Throws<ArgumentException>(() => writer.RenameRemote("another", "renamed"));
    }

    [Theory]
    [InlineData("pve-remote", true)]
    [InlineData("renamed", true)]
    [InlineData("neither", false)]
    public void A_renaming_is_forgotten_with_either_of_its_remotes(string removed, bool isForgotten)
    {
        using TempCache cache = Renamed();
        using CacheWriter writer = cache.Cache.Write();
        writer.RemoveRemote(removed, purge: false);
        Assert.Equal(isForgotten ? null : new RemoteRename("pve-remote", "renamed"), cache.State().Renamed);
    }

    // Tasks of one second lie in the order of their names.
    [Fact]
    public void Running_tasks_are_in_order_when_a_remote_among_them_has_another_name()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Running(1000, upid: Some.Upid(1000, remote: "a")), Some.Running(1000, upid: Some.Upid(1000, remote: "b")), Some.Running(1001));
        using (CacheWriter writer = cache.Cache.Write())
            writer.RenameRemote("a", "c");
        cache.Reopen();
        Assert.Equal(3, cache.List(new TaskQuery { Scope = TaskScope.Running }).Total);
        string[] running = [.. cache.List().Rows.Select(row => row.Upid)];
        Assert.Equal(running, File.ReadAllLines(cache.PathOf("active")).Where(line => line.Contains("UPID", StringComparison.Ordinal)).Select(line => line.Split('"')[3]));
    }

    [Fact]
    public void A_state_that_somebody_takes_away_from_a_writer_is_begun_anew()
    {
        using var cache = new TempCache(1000);
        using CacheWriter writer = cache.Cache.Write();
        writer.Update(new TaskBatch { Tasks = [Some.Finished(1000), Some.Running(1001)], Track = [Some.Upid(1001)] });
        File.Delete(cache.PathOf("state"));
        writer.RemoveRemote("pve-remote", purge: true);
        Assert.Empty(cache.Starts());
        Assert.Empty(cache.State().TrackedTasks);
    }

    /// <summary>One task, of a remote that has got another id.</summary>
    private static TempCache Renamed()
    {
        var cache = new TempCache(1000);
        using CacheWriter writer = cache.Cache.Write();
        writer.Update(new TaskBatch { Tasks = [Some.Finished(1000)], Nodes = [new NodeReport("pve-remote", "pve", 1) { Cutoff = 1000 }] });
        writer.RenameRemote("pve-remote", "renamed");
        return cache;
    }
}
