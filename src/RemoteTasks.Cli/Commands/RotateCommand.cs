using System.CommandLine;
using RemoteTasks.Cache;
using RemoteTasks.Cli.Output;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks rotate</c></summary>
internal static class RotateCommand
{
    internal static Command Create(Terminal terminal)
    {
        Option<string> cache = CacheOptions.Directory();
        var force = new Option<bool>("--force") { Description = "Begin a new archive even if none is due." };
        var retention = new RetentionOptions();
        var command = new Command("rotate", "Begin a new archive when one is due, compress older ones, drop what is no longer kept.") { cache, force };
        retention.AddTo(command);
        command.SetAction(parsed => Run(terminal, parsed.GetRequiredValue(cache), parsed.GetValue(force), retention.Options(parsed)));
        return command;
    }

    private static int Run(Terminal terminal, string directory, bool force, TaskCacheOptions options)
    {
        using var progress = new ProgressLine(terminal);
        using CacheWriter writer = CacheOptions.OpenExisting(directory, options).Write();
        RotateResult result = writer.Rotate(force, progress);
        progress.Dispose();
        bool isDamaged = result.Applied is { } applied && ApplyCommand.Report(terminal, applied);
        terminal.Out.WriteLine(result.Begun is { } begun ? $"Begun: {begun}" : "No new archive is due.");
        foreach (string name in result.Compressed)
            terminal.Out.WriteLine($"Compressed: {name}");
        foreach (string name in result.Dropped)
            terminal.Out.WriteLine($"Dropped: {name}");
        return ApplyCommand.ReportDamage(terminal, result.Damage) || isDamaged ? ExitCode.Failed : ExitCode.Good;
    }
}
