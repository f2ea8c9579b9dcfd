using System.CommandLine;
using RemoteTasks.Server.TaskLogs;

namespace RemoteTasks.Cli.Commands;

/// <summary>Options that say how much is kept of the logs of tasks that did not end well.</summary>
internal sealed class KeptLogLimits
{
    private readonly Option<int?> _count = new("--keep-logs") { Description = "Keep this many logs of tasks that did not end OK; 0: none. Default: 10000.", HelpName = "N" };
    private readonly Option<long?> _megabytes = new("--keep-logs-mb") { Description = "Drop the oldest of these logs beyond this size in MiB. Default: 256.", HelpName = "N" };
    private readonly Option<double?> _days = new("--keep-logs-days") { Description = "Drop these logs after so many days. Default: never.", HelpName = "N" };

    internal void AddTo(Command command)
    {
        command.Options.Add(_count);
        command.Options.Add(_megabytes);
        command.Options.Add(_days);
    }

    internal KeptLogOptions Options(ParseResult parsed)
    {
        var options = new KeptLogOptions();
        if (parsed.GetValue(_count) is { } count)
            options = options with { CountMax = count is >= 0 and <= 10_000_000 ? count : throw new UsageException("--keep-logs must be from 0 to 10000000.") };
        if (parsed.GetValue(_megabytes) is { } megabytes)
            options = options with { BytesMax = megabytes is >= 0 and < 1L << 40 ? megabytes << 20 : throw new UsageException("--keep-logs-mb must be 0 or more.") };
        if (parsed.GetValue(_days) is { } days)
            options = options with { AgeMax = days is >= 0 and < 1e6 ? TimeSpan.FromDays(days) : throw new UsageException("--keep-logs-days must be 0 or more.") };
        return options;
    }
}
