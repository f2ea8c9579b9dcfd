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
        var repair = new Option<bool>("--repair")
        {
            Description = "Write damaged files anew with what can be read of them, and keep each as it was beside it. What is missing is fetched again by 'serve', as far as the remotes still have it.",
        };
        var command = new Command("check", "Read every file and say what is wrong, where, and what was lost. Changes nothing unless told to; exit code 1 when something is damaged.")
        {
            cache, repair,
        };
        command.SetAction(parsed => Run(terminal, parsed.GetRequiredValue(cache), parsed.GetValue(repair)));
        return command;
    }

    private static int Run(Terminal terminal, string directory, bool repairs)
    {
        using var progress = new ProgressLine(terminal);
        TaskCache cache = CacheOptions.OpenExisting(directory, new TaskCacheOptions { Salvages = true });
        CheckReport report = cache.Check(progress);
        MendResult? mended = null;
        if (repairs)
        {
            using (CacheWriter writer = cache.Write())
                mended = writer.Mend(progress);
            progress.Clear();
            Print(terminal, report);
            report = cache.Check(progress);
        }

        progress.Dispose();
        if (mended is not null)
            Print(terminal, mended);
        Print(terminal, report);
        terminal.Out.WriteLine(
            $"{report.Tasks} tasks ({report.Running} running, {report.JournalRows} in the journal) in {report.Files} archives of {report.Bytes / 1048576.0:0.0} MiB: "
            + (report.IsDamaged ? "damaged." : "good."));
        return report.IsDamaged ? ExitCode.Failed : ExitCode.Good;
    }

    private static void Print(Terminal terminal, CheckReport report)
    {
        foreach (Finding finding in report.Findings)
            terminal.Out.WriteLine($"{(finding.IsDamage ? "DAMAGE" : "note")}  {finding.File}: {SafeText.Clean(finding.Text)}");
    }

    private static void Print(Terminal terminal, MendResult mended)
    {
        foreach (MendedFile file in mended.Files)
            terminal.Out.WriteLine($"mended  {file.File}: written anew; as it was it is kept as {file.KeptAs}");
        if (mended.Files.Count == 0)
            terminal.Out.WriteLine("No file had to be written anew.");
    }
}
