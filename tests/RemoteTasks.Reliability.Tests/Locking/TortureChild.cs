using System.Diagnostics;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Reliability.Tests.Locking;

/// <summary>The other processes of <see cref="LockTortureTests"/>: this very program, told by its environment what to do.</summary>
public sealed class TortureChild
{
    private const string Variable = "REMOTE_TASKS_TORTURE";

    /// <summary>Starts one.</summary>
    internal static Process Start(string kind, string directory, double seconds) => Process.Start(
        new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "RemoteTasks.Reliability.Tests"), ["--explicit", "only", "--filter-class", $"*{nameof(TortureChild)}"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            Environment = { [Variable] = $"{kind}|{directory}|{seconds}" },
        })!;

    [Fact(Explicit = true)]
    public void Child()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('|') is not [var kind, var directory, var seconds])
            return;
        var watch = Stopwatch.StartNew();
        TimeSpan time = TimeSpan.FromSeconds(double.Parse(seconds));
        File.WriteAllText(Path.Combine(directory, $"result.{Environment.ProcessId}"), kind == "count" ? Count(directory, watch, time) : Read(directory, watch, time));
    }

    /// <summary>Two files that hold one number: raised one after the other by who is alone, compared by who is not.</summary>
    private static string Count(string directory, Stopwatch watch, TimeSpan time)
    {
        string a = Path.Combine(directory, "a");
        string b = Path.Combine(directory, "b");
        int raised = 0;
        int compared = 0;
        int torn = 0;
        while (watch.Elapsed < time)
        {
            using IDiskLock held = RealDisk.Instance.OpenLock(Path.Combine(directory, ".lock"));
            bool isAlone = Random.Shared.Next(3) == 0;
            Assert.True(held.TryTake(isAlone ? LockMode.Exclusive : LockMode.Shared, TimeSpan.FromSeconds(30)), "no lock for 30 s");
            string number = File.ReadAllText(a).Trim();
            if (isAlone)
            {
                string next = $"{int.Parse(number) + 1}";
                File.WriteAllText(a, next);
                Thread.Yield();
                File.WriteAllText(b, next);
                raised++;
            }
            else
            {
                torn += File.ReadAllText(b).Trim() == number ? 0 : 1;
                compared++;
            }
        }

        return $"{raised} {compared} {torn}";
    }

    /// <summary>Reads a cache again and again.</summary>
    private static string Read(string directory, Stopwatch watch, TimeSpan time)
    {
        var cache = TaskCache.Open(Path.Combine(directory, "cache"));
        int read = 0;
        int torn = 0;
        for (long last = 0; watch.Elapsed < time; read++)
        {
            using CacheReader reader = cache.Read();
            long total = reader.List(new TaskQuery { Limit = 1 }).Total;

            // Tasks only ever come to it.
            torn += total < last || reader.Damage.Count > 0 ? 1 : 0;
            last = total;
        }

        return $"0 {read} {torn}";
    }
}
