using System.CommandLine;

namespace RemoteTasks.Benchmarks.Data;

/// <summary>Options that say which tasks an engine is filled with.</summary>
internal sealed class DataOptions
{
    internal Option<long> Tasks { get; } = new("--tasks") { Description = "How many tasks to generate.", DefaultValueFactory = _ => 1_500_000 };

    internal Option<string?> File { get; } =
        new("--data") { Description = "Tasks from a file instead: JSON lines {\"upid\",\"starttime\",\"status\"?,\"endtime\"?}." };

    internal ITaskData Open(ParseResult parsed) => parsed.GetValue(File) is { } file
        ? new FileData(file)
        : new GeneratedData(parsed.GetValue(Tasks), byTime: false, GeneratedData.DaysOfSevenFiles);

    /// <summary>The same options for another process.</summary>
    internal string[] Repeat(ParseResult parsed) => parsed.GetValue(File) is { } file
        ? [File.Name, Path.GetFullPath(file)]
        : [Tasks.Name, $"{parsed.GetValue(Tasks)}"];
}
