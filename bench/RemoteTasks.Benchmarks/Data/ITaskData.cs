namespace RemoteTasks.Benchmarks.Data;

/// <summary>Tasks to load, generated or from a file: streamed, in the same order each time, never all in memory.</summary>
internal interface ITaskData
{
    string Description { get; }

    IEnumerable<TaskInput> Read();
}
