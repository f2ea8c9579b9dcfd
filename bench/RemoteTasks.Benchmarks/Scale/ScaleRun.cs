using System.Diagnostics;
using RemoteTasks.Benchmarks.Compare;
using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.Engines;
using RemoteTasks.Cache;

namespace RemoteTasks.Benchmarks.Scale;

/// <summary>
/// Lives through one size: tasks come in the order of time, the clock goes with them, files rotate day by day as in daily life. Then the
/// questions that must not become slower with history.
/// </summary>
internal static class ScaleRun
{
    private const long Day = 86_400;
    private const int Page = 500;

    internal static ScaleSize Measure(long tasks, int days, string directory, Action<string> say)
    {
        var data = new GeneratedData(tasks, byTime: true, days);
        say(data.Description);
        using var engine = new RemoteTasksEngine(directory);
        ProcessMemory.ResetPeak();
        double seconds = Fill(engine, data, tasks, say);
        long fillPeak = ProcessMemory.Peak;

        ProcessMemory.ResetPeak();
        long privateBytes = ProcessMemory.Private;
        long privatePeak = privateBytes;
        var queries = new List<(string Name, Sample Sample)>();
        foreach (Case asked in Questions(tasks, days, data.End))
        {
            say(asked.Name);
            queries.Add((asked.Name, Timing.Repeat(run => asked.Run(engine, run, Asked.RowsAndTotal))));
            privatePeak = Math.Max(privatePeak, ProcessMemory.Private);
        }

        return new ScaleSize(tasks, days, seconds, fillPeak, privateBytes, privatePeak, ProcessMemory.Peak, engine.DiskBytes, queries);
    }

    private static double Fill(RemoteTasksEngine engine, GeneratedData data, long tasks, Action<string> say)
    {
        const int Reports = 10;
        var watch = new Stopwatch();
        long day = long.MinValue;
        long done = 0;
        foreach (TaskInput[] batch in data.Read().Chunk(FirstFill.BatchTasks))
        {
            long now = batch.Max(task => task.Start) + 1;
            watch.Start();

            // The newest file begins before the first task that belongs to it, as the daemon's hourly look makes likely.
            if (day != long.MinValue && now / Day > day)
                engine.Rotate(now);
            engine.Update(batch, now);
            watch.Stop();
            day = now / Day;
            if ((done + batch.Length) * Reports / tasks > done * Reports / tasks)
                say($"{done + batch.Length:N0} tasks after {watch.Elapsed.TotalSeconds:0.0} s");
            done += batch.Length;
        }

        watch.Start();
        engine.Settle();
        watch.Stop();
        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>Names say nothing of depths: they are the same at every size, the depths grow with it.</summary>
    private static IEnumerable<Case> Questions(long tasks, int days, long end)
    {
        var page = new TaskQuery { Limit = Page };
        TaskQuery failed = page with { Errors = true };
        TaskQuery remote = page with { Remote = "pve-42" };
        yield return Case.List("500 newest, not asked before", null, page, end);
        yield return Case.Same("500 newest, nothing changed", null, page);
        yield return Case.Same("500 running, nothing changed", null, page with { Scope = TaskScope.Running });
        yield return Case.List("500 at two thirds of the depth", null, page with { Start = tasks * 2 / 3 }, end);
        yield return Case.List("500 failed, at a thirtieth of the tasks", null, failed with { Start = tasks / 30 }, end);
        yield return Case.List("500 newest of one rare user", null, page with { User = "auditor@corp-ldap" }, end);
        yield return Case.List("a filter that nothing matches", null, page with { User = "nobody@nowhere" }, end);
        yield return Case.List("500 newest of one remote", null, remote, end);
        yield return Case.List("500 newest of one node", null, page with { Node = "pve42-n7" }, end);
        yield return Case.List("500 newest of one guest", null, page with { Guest = 234 }, end);
        yield return Case.List("500 newest with the text 'migration aborted'", null, page with { Text = "migration aborted" }, end);
        yield return Case.List("500 of remote, type and user", null, remote with { Type = "vzdump", User = "root@pam" }, end);

        // A week has somewhat more than 200 of them: as many rows at every size, so that like is compared with like.
        yield return Case.List("200 of remote, type and status", null, remote with { Type = "qm", Statuses = [StatusClass.Error], Limit = 200 }, end);
        yield return Case.List("500 of the oldest day", null, page with { Until = end - ((days - 1) * Day) }, end);
        yield return Case.Statistics("statistics of 48 hours", null, page with { Since = end - (2 * Day) }, end);
        yield return Case.Count("count of what failed", null, failed, end);
    }
}
