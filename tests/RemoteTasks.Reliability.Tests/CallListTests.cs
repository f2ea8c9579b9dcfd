using System.Runtime.CompilerServices;
using RemoteTasks.Reliability.Tests.Trace;

namespace RemoteTasks.Reliability.Tests;

/// <summary>The calls that change the disk in one full cycle of the real executable are those in a file, in their order.</summary>
public sealed class CallListTests(ITestOutputHelper output)
{
    private const long Day = 86_400;
    private const string Golden = "calls.golden.txt";

    [Fact]
    public async Task A_full_cycle_makes_the_calls_in_the_list()
    {
        Strace.SkipIfMissing();
        string calls;
        long day;
        do
        {
            // Around midnight some files are others.
            day = Now() / Day;
            calls = await CycleAsync(day * Day);
        }
        while (day != Now() / Day);
        output.WriteLine(calls);
        if (Environment.GetEnvironmentVariable("REMOTE_TASKS_ACCEPT") == "calls")
            await File.WriteAllTextAsync(Source(), calls, TestContext.Current.CancellationToken);
        string expected = await File.ReadAllTextAsync(Source(), TestContext.Current.CancellationToken);
        Assert.True(calls == expected, $"""
            The product makes other calls than {Golden} says ('-' is gone, '+' is new):
            {Difference(expected.Split('\n'), calls.Split('\n'))}
            If that is meant: think of what a crash between any two of them leaves, run TraceTests,
            and run this test once with REMOTE_TASKS_ACCEPT=calls.
            """);
    }

    private static async Task<string> CycleAsync(long today)
    {
        using var place = new TracePlace();
        await File.WriteAllTextAsync(place.Files, Lines(today, 0, 12), TestContext.Current.CancellationToken);
        string calls = await RunAsync(place.Directory, "import", place.Files, "--batch", "6");
        await File.WriteAllTextAsync(place.Files, Lines(today, 6, 8) + Line(today + 1, ""), TestContext.Current.CancellationToken);
        calls += await RunAsync(place.Directory, "import", place.Files);
        calls += await RunAsync(place.Directory, "apply");
        calls += await RunAsync(place.Directory, "rotate", "--force");

        // As the other program leaves it.
        long old = today - (20 * Day);
        string line = Line(old + 1, ",\"status\":\"OK\",\"endtime\":1");
        await File.WriteAllTextAsync(Path.Combine(place.Directory, $"archive.{old}"), line, TestContext.Current.CancellationToken);
        calls += await RunAsync(place.Directory, "rotate");
        calls += await RunAsync(place.Directory, "rotate", "--keep-files", "3");
        return calls;
    }

    private static async Task<string> RunAsync(string directory, params string[] args)
    {
        var files = Directory.Exists(directory)
            ? Directory.EnumerateFiles(directory).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes, StringComparer.Ordinal) : [];
        var recorder = new Recorder(directory, files, static (recorder, _) => recorder.Begin(Chapter.Acknowledged));
        TracedRun run = await Strace.RunAsync(Strace.Product, [.. args, "--cache", directory]);
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        recorder.Add(run.Calls);
        IEnumerable<string> shown = args.Where(arg => !Path.IsPathRooted(arg));
        return $"# {string.Join(' ', shown)}\n{string.Join('\n', CallList.Of(recorder.Events))}\n\n";
    }

    private static string Lines(long today, int first, int count) =>
        string.Concat(Enumerable.Range(first, count).Select(i => Line(today - (i * Day / 3), $",\"status\":\"OK\",\"endtime\":{today}")));

    private static string Line(long start, string end) =>
        $"{{\"upid\":\"pve:r!UPID:n:00000001:00000010:{start:X8}:vzdump:100:root@pam:\",\"starttime\":{start}{end}}}\n";

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    private static string Source([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Trace", Golden);

    /// <summary>The longest common part stays; lines around it go or come.</summary>
    private static string Difference(string[] before, string[] after)
    {
        int[,] common = new int[before.Length + 1, after.Length + 1];
        for (int i = before.Length - 1; i >= 0; i--)
        {
            for (int j = after.Length - 1; j >= 0; j--)
                common[i, j] = before[i] == after[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var lines = new List<string>();
        for (int i = 0, j = 0; i < before.Length || j < after.Length;)
        {
            if (i < before.Length && j < after.Length && before[i] == after[j])
            {
                lines.Add($"  {before[i++]}");
                j++;
            }
            else if (i < before.Length && (j == after.Length || common[i + 1, j] >= common[i, j + 1]))
            {
                lines.Add($"- {before[i++]}");
            }
            else
            {
                lines.Add($"+ {after[j++]}");
            }
        }

        return string.Join('\n', lines);
    }
}
