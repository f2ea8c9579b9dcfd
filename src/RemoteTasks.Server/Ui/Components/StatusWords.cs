using RemoteTasks.Cache;

namespace RemoteTasks.Server.Ui.Components;

/// <summary>Status classes in the words of REST, in the order in which people care.</summary>
public static class StatusWords
{
    /// <summary>The most urgent first.</summary>
    public static IReadOnlyList<StatusClass> All { get; } =
        [StatusClass.Error, StatusClass.Unknown, StatusClass.Warning, StatusClass.Running, StatusClass.Ok];

    /// <summary>As <c>statusfilter</c> has it, and the end of a class in the styles.</summary>
    public static string Of(StatusClass status) => status switch
    {
        StatusClass.Ok => "ok",
        StatusClass.Warning => "warning",
        StatusClass.Error => "error",
        StatusClass.Running => "running",
        _ => "unknown",
    };

    /// <summary>For people.</summary>
    public static string Title(StatusClass status) => status switch
    {
        StatusClass.Ok => "OK",
        StatusClass.Warning => "Warnings",
        StatusClass.Error => "Failed",
        StatusClass.Running => "Running",
        _ => "Unknown",
    };

    /// <summary>How many there are of it.</summary>
    public static long Count(StatusClass status, in StatusCounts counts) => status switch
    {
        StatusClass.Ok => counts.Ok,
        StatusClass.Warning => counts.Warning,
        StatusClass.Error => counts.Error,
        StatusClass.Running => counts.Running,
        _ => counts.Unknown,
    };

    /// <summary>What a row shows: the remote's own text, but for running tasks, whose text says nothing.</summary>
    public static string TextOf(TaskRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.Class == StatusClass.Running ? "running" : string.IsNullOrEmpty(row.Status) ? "unknown" : row.Status;
    }
}
