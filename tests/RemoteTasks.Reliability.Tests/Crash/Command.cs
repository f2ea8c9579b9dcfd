using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Reliability.Tests.Crash;

/// <summary>Something that is done to a cache, and what it must show afterwards.</summary>
internal sealed record Command(string Name, Action<CacheWriter> Do, World After)
{
    private const long Day = 86_400;

    /// <summary>Where tasks change their names: what may be shown meanwhile.</summary>
    internal Promise? Promise { get; private init; }

    /// <summary>Whether the next writer must have it done wholly or not at all.</summary>
    internal bool IsWhole => Promise is not null;

    internal static Command Random(Random random, TaskGenerator generator, FakeTimeProvider clock, World world, int tasksMax = 7) => random.Next(20) switch
    {
        < 3 => new Command("apply", static writer => writer.ApplyJournal(), world),
        < 5 => new Command("rotate", static writer => writer.Rotate(), world),
        < 7 => new Command(
            "rotate a day later",
            writer =>
            {
                clock.Advance(TimeSpan.FromSeconds(Day));
                writer.Rotate(force: random.Next(2) == 0);
            },
            world),
        7 when world.Tasks.Count > 0 => Rename(generator.Pick(world.Tasks).Remote, $"renamed-{random.Next(1000)}", world),
        8 when world.Tasks.Count > 0 => Purge(generator.Pick(world.Tasks).Remote, world),
        _ => Update(random, generator, world, tasksMax),
    };

    internal static Command Update(Random random, TaskGenerator generator, World world, int tasksMax = 7)
    {
        var batch = new List<ModelTask>();
        for (int count = random.Next(1, tasksMax + 1); count > 0; count--)
        {
            batch.Add(random.Next(5) switch
            {
                0 when world.Tasks.Count > 0 => generator.Again(generator.Pick(world.Tasks), runs: random.Next(4) == 0),
                1 when world.Tasks.Count > 0 => generator.Pick(world.Tasks),
                _ => generator.Task(),
            });
        }

        string[] gone = [.. world.Tasks.Where(task => task.End is null && random.Next(6) == 0).Select(task => task.Upid)];
        long cutoff = (world.Cutoff ?? 1_000) + random.Next(1, 50);
        var model = new MemoryModel();
        model.Update(world.Tasks, []);
        model.Update(batch, gone);
        TaskRecord[] records = [.. batch.Select(generator.Record)];
        var told = new TaskBatch { Tasks = records, Gone = gone, Nodes = [new NodeReport(World.Remote, World.Node, 1) { Cutoff = cutoff }] };
        return new Command($"update with {batch.Count}", writer => writer.Update(told), new World(model.All(), cutoff));
    }

    internal static Command Rename(string remote, string newId, World world)
    {
        ModelTask Renamed(ModelTask task) => task.Remote == remote ? task with { Remote = newId } : task;
        var after = new World([.. world.Tasks.Select(Renamed)], remote == World.Remote ? null : world.Cutoff);
        return new Command($"rename {remote} to {newId}", writer => writer.RenameRemote(remote, newId), after)
        {
            Promise = Crash.Promise.Of(world, after, Renamed),
        };
    }

    internal static Command Purge(string remote, World world)
    {
        var after = new World([.. world.Tasks.Where(task => task.Remote != remote)], remote == World.Remote ? null : world.Cutoff);
        return new Command($"purge {remote}", writer => writer.RemoveRemote(remote, purge: true), after)
        {
            Promise = Crash.Promise.Of(world, after, task => task.Remote == remote ? null : task),
        };
    }
}
