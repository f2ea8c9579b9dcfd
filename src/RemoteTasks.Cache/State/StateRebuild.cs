using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Merge;

namespace RemoteTasks.Cache.State;

/// <summary>The state as the stored tasks imply it, for when the file is lost: never a reason to fetch everything again.</summary>
internal static class StateRebuild
{
    internal static StateDocument From(CacheReader reader)
    {
        var state = new StateDocument();
        var seen = new HashSet<(string, string)>();
        using LineSource lines = reader.Source();
        while (lines.MoveNext())
        {
            TaskLine line = lines.Current;
            ReadOnlySpan<byte> upid = line.Upid.Span;
            string remote = Encoding.UTF8.GetString(line.Fields.Remote.Of(upid));
            string node = line.Fields.IsBackupServer ? "localhost" : Encoding.UTF8.GetString(line.Fields.Node.Of(upid));

            // Newest first: the first task of a node is its newest.
            if (seen.Add((remote, node)))
                state.Node(remote, node).Cutoff = line.StartTime;
        }

        StateChanges.RequestRepair(state, reader.Damage);
        return state;
    }
}
