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

    /// <summary>Low half of the UPID's hash, 2 bytes: tells most UPIDs of one second apart without reading a line.</summary>
    Hash = 7,
}

internal static class TaskColumns
{
    internal const int Count = 8;

    /// <summary>Those that hold ids of a dictionary.</summary>
    internal static readonly TaskColumn[] Coded = [TaskColumn.Node, TaskColumn.Type, TaskColumn.User, TaskColumn.WorkerId, TaskColumn.Status];
}
