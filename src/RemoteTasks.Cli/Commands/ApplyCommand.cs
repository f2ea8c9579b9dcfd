using System.CommandLine;
using RemoteTasks.Cache;
using RemoteTasks.Cli.Output;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks apply</c></summary>
internal static class ApplyCommand
{
    internal static Command Create(Terminal terminal)
    {
        Option<string> cache = CacheOptions.Directory();
        var command = new Command("apply", "Merge the journal into the archives now.") { cache };
        command.SetAction(parsed => Run(terminal, parsed.GetRequiredValue(cache)));
        return command;
    }

    /// <summary>What an apply did, in words; whether it met damage.</summary>
    internal static bool Report(Terminal terminal, ApplyResult result)
    {
        terminal.Out.WriteLine($"{result.Rows} tasks merged into {result.Files} files.");
        if (result.BadLines > 0)
            terminal.Error.WriteLine($"{result.BadLines} lines of the journal could not be understood; the journal is kept beside the cache as journal.damaged.*");
        return ReportDamage(terminal, result.Damage) || result.BadLines > 0;
    }

    internal static bool ReportDamage(Terminal terminal, IReadOnlyList<Damage> damage)
    {
        foreach (Damage part in damage)
            terminal.Error.WriteLine($"{part.File}: {SafeText.Clean(part.Problem)}; tasks that began from {part.From} to {part.To} are in doubt and will be fetched again.");
        return damage.Count > 0;
    }

    private static int Run(Terminal terminal, string directory)
    {
        using var progress = new ProgressLine(terminal);
        using CacheWriter writer = CacheOptions.OpenExisting(directory).Write();
        ApplyResult result = writer.ApplyJournal(progress);
        progress.Dispose();
        return Report(terminal, result) ? ExitCode.Failed : ExitCode.Good;
    }
}
