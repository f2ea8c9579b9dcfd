using System.Diagnostics;
using System.Text.RegularExpressions;
using RemoteTasks.Reliability.Tests.Kernel;

namespace RemoteTasks.Reliability.Tests.Planted;

/// <summary>A copy of these sources, in which a mistake is made, built, and looked for by the tests of the gate.</summary>
internal sealed partial class SourceCopy : IDisposable
{
    private const string Engine = "RemoteTasks.Cache.Tests";
    private const string Harness = "RemoteTasks.Reliability.Tests";

    /// <summary>What of the harness is asked, the quick ones first.</summary>
    private static readonly string[] Classes =
        ["RotTests", "EveryByteTests", "ModelHistoryTests", "GoldenFilesTests", "CrashTests", "FaultTests", "CallListTests", "TraceTests", "LockTortureTests"];

    // What the test platform says when a filter leaves nothing to run.
    private const int NoTests = 8;

    private static readonly TimeSpan TestsMax = TimeSpan.FromMinutes(10);

    private readonly Scratch _scratch = new();

    internal SourceCopy(string root)
    {
        foreach (string file in Directory.EnumerateFiles(root).Concat(new[] { "src", "tests" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*", SearchOption.AllDirectories))))
        {
            string target = _scratch.PathOf(Path.GetRelativePath(root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, File.ReadAllBytes(file));
        }
    }

    /// <summary>The first test of the gate that fails on the copy as it is; null when none does.</summary>
    internal string? FirstFailedTest()
    {
        Build(Engine);
        if (FailedTest(Engine) is { } failed)
            return failed;
        Build(Harness);
        return Classes.Select(name => FailedTest(Harness, name)).FirstOrDefault(test => test is not null);
    }

    /// <summary>The first test that fails when the mistake is made; null when none does.</summary>
    /// <exception cref="InvalidOperationException">The mistake cannot be built.</exception>
    internal string? Catch(SourceBug bug)
    {
        string path = _scratch.PathOf(Path.Combine(SourceBug.Folder, bug.File));
        string good = File.ReadAllText(path);
        File.WriteAllText(path, good.Replace(bug.Text, bug.Instead, StringComparison.Ordinal));
        try
        {
            string likely = Classes.Contains(bug.NoticedBy) ? Harness : Engine;
            Build(likely);
            return FailedTest(likely, bug.NoticedBy) ?? FirstFailedTest();
        }
        finally
        {
            File.WriteAllText(path, good);
        }
    }

    public void Dispose() => _scratch.Dispose();

    private void Build(string project)
    {
        (int code, string said) = Run(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            ["build", "-c", "Release", $"tests/{project}", "-nodeReuse:false", "-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false", "-p:GenerateDocumentationFile=false"]);
        if (code != 0)
            throw new InvalidOperationException($"It cannot be built:\n{string.Join('\n', said.Split('\n').Where(line => line.Contains("error", StringComparison.Ordinal)).Distinct().Take(5))}");
    }

    private string? FailedTest(string project, string? name = null)
    {
        string[] filter = name is null ? [] : ["--filter-class", $"*.{name}"];
        (int code, string said) = Run(
            _scratch.PathOf($"artifacts/bin/{project}/release/{project}"), [.. filter, "--stop-on-fail", "on", "--no-ansi", "--progress", "off"]);
        return code == NoTests ? throw new InvalidOperationException($"There are no tests named {name} in {project}.")
            : code == 0 ? null
            : FailedLine().Match(said) is { Success: true } failed ? failed.Groups["test"].Value
            : $"{project} ended with code {code}";
    }

    private (int Code, string Said) Run(string program, string[] args)
    {
        var start = new ProcessStartInfo(program, args) { WorkingDirectory = _scratch.Path, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("REMOTE_TASKS_EFFORT");
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TestsMax))
        {
            // What never ends has been noticed, too.
            process.Kill(entireProcessTree: true);
            return (-1, "");
        }

        return (process.ExitCode, output.Result + errors.Result);
    }

    [GeneratedRegex(@"^failed (?<test>\S+)", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex FailedLine();
}
