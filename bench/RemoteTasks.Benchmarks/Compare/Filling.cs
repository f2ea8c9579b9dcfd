using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.Engines;
using RemoteTasks.Benchmarks.Report;

namespace RemoteTasks.Benchmarks.Compare;

/// <summary>Fills one engine after the other, each in a process of its own, and opens it here.</summary>
/// <param name="directory">Holds a directory for each.</param>
/// <param name="source">The options that say which tasks.</param>
/// <param name="survey">What the tasks are like.</param>
/// <param name="say">Takes what is going on.</param>
internal sealed class Filling(string directory, IReadOnlyList<string> source, DataSurvey survey, Action<string> say)
{
    private readonly ReportRow _seconds = new($"first fill in batches of {FirstFill.BatchTasks:N0}", "s", 15);
    private readonly ReportRow _memory = new("peak working set of the first fill", "MiB", null) { GoalMax = 256 };
    private readonly ReportRow _ownMemory = new("private memory of the first fill, at most", "MiB", null);
    private readonly ReportRow _disk = new("disk", "B/task", 1 / 0.85);

    internal IReadOnlyList<ReportRow> Rows => [_seconds, _memory, _ownMemory, _disk];

    internal Engine Fill(EngineKind kind)
    {
        say($"filling {kind}");
        string home = Path.Combine(directory, kind.ToString());
        FirstFill fill = FirstFill.RunApart(kind, home, source, survey.End + 1);
        Engine engine = Engine.Open(kind, home);
        _seconds.Samples[engine.Name] = Sample.One(fill.Seconds);
        _memory.Samples[engine.Name] = Sample.One(fill.PeakBytes / 1048576.0);
        _ownMemory.Samples[engine.Name] = Sample.One(fill.PrivatePeakBytes / 1048576.0);
        _disk.Samples[engine.Name] = Sample.One(fill.DiskBytes / (double)survey.Tasks);
        return engine;
    }
}
