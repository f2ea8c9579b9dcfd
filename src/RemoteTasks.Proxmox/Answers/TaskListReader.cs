using System.Text.Json;

namespace RemoteTasks.Proxmox.Answers;

/// <summary>
/// Reads a task list: a row that is not understood is counted and named and never costs the others; a task that finished while the node was reading its two
/// files comes twice and is kept once.
/// </summary>
internal sealed class TaskListReader(RemoteType type, TaskSource source)
{
    private const int ReasonsMax = 100;

    private readonly List<RemoteTask> _tasks = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<string> _reasons = [];
    private int _rejected;
    private int _rows;

    internal static TaskListAnswer Read(ReadOnlySpan<byte> json, RemoteType type, TaskSource source, long? remoteTime)
    {
        var reader = new TaskListReader(type, source);
        long? total = AnswerRows.Read(json, reader.Add);
        return new TaskListAnswer
        {
            Tasks = reader._tasks,
            Total = type == RemoteType.Pve ? PveTotal(total, reader._rows) : null,
            RemoteTime = remoteTime,
            Rejected = reader._reasons,
            RejectedCount = reader._rejected,
            RowCount = reader._rows,
        };
    }

    // PVE leaves the number out when it is 0; beside rows a missing number is just missing.
    private static long? PveTotal(long? total, int rows) => total ?? (rows == 0 ? 0 : null);

    private void Add(JsonElement row)
    {
        _rows++;
        RemoteTask? task;
        string reason;
        try
        {
            task = TaskRow.Read(row, type, out reason);
        }
        catch (InvalidOperationException)
        {
            (task, reason) = (null, "the row has a member name that is no text");
        }
        if (task is null)
            Reject(reason);
        else if (task.EndTime is not null || type != RemoteType.Pbs || source != TaskSource.Archive)
            Keep(task);
    }

    private void Keep(RemoteTask task)
    {
        if (_places.TryAdd(task.Upid, _tasks.Count))
            _tasks.Add(task);
        else if (_tasks[_places[task.Upid]].EndTime is null && task.EndTime is not null)
            _tasks[_places[task.Upid]] = task;
    }

    private void Reject(string reason)
    {
        _rejected++;
        if (_reasons.Count < ReasonsMax)
            _reasons.Add(RemoteText.Clean($"row {_rows}: {reason}", 200));
    }
}
