using RemoteTasks.Server.Ui.Components;

namespace RemoteTasks.Server.Ui.Remotes;

/// <summary>What is known of remotes, in words.</summary>
internal static class RemoteWords
{
    // What a network and whole seconds make of clocks that agree.
    private const long InStepSeconds = 2;

    /// <summary>A clock that is further off than this is worth a look.</summary>
    internal const long OffSecondsMax = 30;

    /// <summary>The end of a status class in the styles.</summary>
    internal static string Class(this Health health) => health switch
    {
        Health.Lost => "error",
        Health.Partly => "warning",
        Health.NotAsked => "unknown",
        _ => "ok",
    };

    internal static string Of(RemoteView remote) => remote.Health switch
    {
        Health.Lost => "Not reached",
        Health.Partly when remote.Nodes.All(node => node.Health != Health.Lost) => "Shows only the token's own tasks",
        Health.Partly => $"{remote.Nodes.Count(node => node.Health == Health.Lost):N0} of {remote.Nodes.Count:N0} nodes not reached",
        Health.NotAsked => "Not asked yet",
        _ when remote.Nodes.Count == 1 => "Answers",
        _ => $"All {remote.Nodes.Count:N0} nodes answer",
    };

    internal static string Of(NodeView node) => node.Health switch
    {
        Health.Lost => "Not reached",
        Health.Partly => "Only the token's own tasks",
        Health.NotAsked => "Not asked yet",
        _ => "Answers",
    };

    internal static string Took(TimeSpan took) => took.TotalSeconds >= 10 ? $"{took.TotalSeconds:0} s" : took.TotalSeconds >= 1 ? $"{took.TotalSeconds:0.0} s" : $"{took.TotalMilliseconds:0} ms";

    internal static string Clock(long ahead) => Math.Abs(ahead) <= InStepSeconds
        ? "in step"
        : $"{Durations.Text(Math.Abs(ahead))} {(ahead > 0 ? "ahead" : "behind")}";

    internal static string Rights(bool? seesAllTasks) => seesAllTasks switch
    {
        true => "sees all tasks",
        false => "sees only the token's own tasks",
        null => "not known",
    };

    internal static string Product(string type) => type == "pbs" ? "Backup Server" : "Virtual Environment";
}
