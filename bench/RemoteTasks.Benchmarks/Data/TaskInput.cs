namespace RemoteTasks.Benchmarks.Data;

/// <summary>One task on its way into every engine; no end time while it runs.</summary>
internal readonly record struct TaskInput(string Upid, long Start, string? Status, long? End);
