using RemoteTasks.Cache;
using RemoteTasks.Cache.State;
using static RemoteTasks.Fuzz.BrokenInvariantException;

namespace RemoteTasks.Fuzz.Targets;

/// <summary>
/// Invariants checked for a state file: what is understood is written and understood the same again; whatever it says, the cache opens, is written to,
/// a remote is renamed, and no task is lost or invented.
/// </summary>
internal static class StateTarget
{
    private const string Path = "/hostile/state";

    private static readonly TaskRecord[] Tasks =
    [
        new("pve:pve-1!UPID:n1:00000001:00000002:00000010:vzdump:100:root@pam:", 0x10, "OK", 0x11),
        new("pbs:pbs-1!UPID:n1:00000001:00000002:00000003:00000020:backup::root@pam:", 0x20, "OK", 0x21),
    ];

    internal static void Run(byte[] input)
    {
        var cache = new HostileCache(("state", input), ("archive.0", [.. Tasks[1].ToLine(), (byte)'\n', .. Tasks[0].ToLine(), (byte)'\n']));
        var file = new StateFile(cache.Disk, "/hostile");
        StateDocument? state = file.TryLoad(out byte[] known);
        if (state is not null)
        {
            file.SaveIfChanged(state, known);
            ThrowUnless(file.TryLoad(out byte[] written) is { } again && !file.SaveIfChanged(again, written), "a state is not what was written");
        }

        // What the state says is to be finished may take tasks away; nothing else may.
        bool mayRemove = state?.Removing is not null;
        HashSet<string> truth = [.. Tasks.Select(Native)];
        ThrowUnless(Natives(cache).SetEquals(truth), "the state changes what is shown");
        using (CacheWriter writer = cache.Cache.Write())
        {
            ThrowUnless(Natives(cache) is { } recovered && (mayRemove ? recovered.IsSubsetOf(truth) : recovered.SetEquals(truth)), "recovery loses a task");
            writer.Update(new TaskBatch { Tasks = Tasks, Nodes = [new NodeReport("pve-1", "n1", 1) { Cutoff = 5, Gap = new HistoryGap(long.MinValue, long.MaxValue) }], Track = [Tasks[0].Upid, "x"] });
            foreach (Repair repair in Repairs(cache))
                writer.SettleRepair(repair);
            try
            {
                writer.RenameRemote("pve-1", "renamed");
            }
            catch (ArgumentException)
            {
                // The state has a remote of that name.
            }

            writer.Rotate(force: true);
        }

        ThrowUnless(Natives(cache).SetEquals(truth), "a task is lost");
        ThrowUnless(!cache.Cache.Check().IsDamaged, "used on, the cache is damaged");
        ThrowUnless(cache.Disk.Content()[Path].Length > 0, "there is no state");
    }

    private static string Native(TaskRecord task) => task.Upid[(task.Upid.IndexOf('!', StringComparison.Ordinal) + 1)..];

    private static HashSet<string> Natives(HostileCache cache)
    {
        using CacheReader reader = cache.Cache.Read();
        _ = reader.State.Nodes.Count + reader.Unknown(new TaskQuery { Remote = "pve-1", Node = "n1", Since = 1, Until = 2 }).Count;
        return [.. reader.List(new TaskQuery()).Rows.Select(row => row.Upid[(row.Upid.IndexOf('!', StringComparison.Ordinal) + 1)..])];
    }

    private static Repair[] Repairs(HostileCache cache)
    {
        using CacheReader reader = cache.Cache.Read();
        return [.. reader.State.Repairs];
    }
}
