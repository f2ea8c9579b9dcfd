using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Merge;

namespace RemoteTasks.Cache.State;

/// <summary>
/// The state as the archives imply it, for when the file is lost: never a reason to fetch everything again. The journal does not count: its last
/// batch may be in it in part, the newest task of a node without older ones, and a cut-off would claim those.
/// </summary>
internal static class StateRebuild
{
    internal static StateDocument From(CacheReader reader)
    {
        var state = new StateDocument();
        var seen = new HashSet<(string, string)>();
        using LineSource lines = reader.FinishedInArchives();
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
