namespace RemoteTasks.Cache.Index;

/// <summary>The columns of an index. The numbers are part of the file format: do not change them.</summary>
internal enum TaskColumn
{
    /// <summary>Start time, 4 bytes, descending.</summary>
    Start = 0,

    /// <summary><see cref="StatusClass"/>, 1 byte.</summary>
    Class = 1,

    /// <summary>Kind, remote and node: an id of the dictionary.</summary>
    Node = 2,

    /// <summary>Worker type: an id of the dictionary.</summary>
    Type = 3,

    /// <summary>User: an id of the dictionary.</summary>
    User = 4,

    /// <summary>Kind and raw worker id: an id of the dictionary.</summary>
    WorkerId = 5,

    /// <summary>Status text: an id of the dictionary.</summary>
    Status = 6,

    /// <summary>Process id, 3 bytes. A Backup Server runs all its tasks in one process: there it is an id of the dictionary.</summary>
    Process = 7,

    /// <summary>When the process began, in jiffies, 4 bytes; a Backup Server's task id. Tells most UPIDs of one second apart.</summary>
    Serial = 8,

    /// <summary>Seconds from start to end, 2 bytes; <see cref="RowView.NeedsLine"/> when columns do not tell everything about the task.</summary>
    Duration = 9,
}

internal static class TaskColumns
{
    internal const int Count = 10;

    /// <summary>Those that hold ids of a dictionary.</summary>
    internal static readonly TaskColumn[] Coded = [TaskColumn.Node, TaskColumn.Type, TaskColumn.User, TaskColumn.WorkerId, TaskColumn.Status, TaskColumn.Process];
}
