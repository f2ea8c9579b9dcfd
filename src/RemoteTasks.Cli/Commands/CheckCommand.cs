using System.CommandLine;
using RemoteTasks.Cache;
using RemoteTasks.Cli.Output;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks check</c></summary>
internal static class CheckCommand
{
    internal static Command Create(Terminal terminal)
    {
        Option<string> cache = CacheOptions.Directory();
        var command = new Command("check", "Read every file and say what is wrong, where, and what was lost. Changes nothing; exit code 1 when something is damaged.") { cache };
        command.SetAction(parsed => Run(terminal, parsed.GetRequiredValue(cache)));
        return command;
    }

    private static int Run(Terminal terminal, string directory)
    {
        using var progress = new ProgressLine(terminal);
        CheckReport report = CacheOptions.Open(directory).Check(progress);
        progress.Dispose();
        foreach (Finding finding in report.Findings)
            terminal.Out.WriteLine($"{(finding.IsDamage ? "DAMAGE" : "note")}  {finding.File}: {SafeText.Clean(finding.Text)}");
        terminal.Out.WriteLine(
            $"{report.Tasks} tasks ({report.Running} running, {report.JournalRows} in the journal) in {report.Files} archives of {report.Bytes / 1048576.0:0.0} MiB: "
            + (report.IsDamaged ? "damaged." : "good."));
        return report.IsDamaged ? ExitCode.Failed : ExitCode.Good;
    }
}
