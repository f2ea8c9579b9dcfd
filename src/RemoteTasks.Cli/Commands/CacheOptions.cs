using System.CommandLine;
using RemoteTasks.Cache;

namespace RemoteTasks.Cli.Commands;

/// <summary>Options of commands that work on a cache directory.</summary>
internal static class CacheOptions
{
    internal static Option<string> Directory() => new("--cache") { Description = "The cache directory.", HelpName = "DIR", Required = true };

    internal static TaskCache Open(string directory, TaskCacheOptions? options = null) =>
        string.IsNullOrWhiteSpace(directory) ? throw new UsageException("--cache needs the name of a directory.") : TaskCache.Open(directory, options);

    /// <summary>The cache in a directory that must hold one already.</summary>
    internal static TaskCache OpenExisting(string directory, TaskCacheOptions? options = null)
    {
        TaskCache cache = Open(directory, options);
        cache.Read().Dispose();
        return cache;
    }
}

/// <summary>Options that say what is kept for how long.</summary>
internal sealed class RetentionOptions
{
    private readonly Option<double?> _days = new("--keep-days") { Description = "Drop archives whose tasks all began longer ago. Default: never.", HelpName = "N" };
    private readonly Option<int?> _files = new("--keep-files") { Description = "Keep this many archives. Default: all.", HelpName = "N" };
    private readonly Option<long?> _megabytes = new("--keep-mb") { Description = "Drop the oldest archives beyond this size in MiB. Default: 16384.", HelpName = "N" };

    internal void AddTo(Command command)
    {
        command.Options.Add(_days);
        command.Options.Add(_files);
        command.Options.Add(_megabytes);
    }

    internal TaskCacheOptions Options(ParseResult parsed)
    {
        var options = new TaskCacheOptions();
        if (parsed.GetValue(_days) is { } days)
            options = options with { RetainFor = days is >= 0 and < 1e6 ? TimeSpan.FromDays(days) : throw new UsageException("--keep-days must be 0 or more.") };
        if (parsed.GetValue(_files) is { } files)
            options = options with { RetainFilesMax = files >= 1 ? files : throw new UsageException("--keep-files must be 1 or more.") };
        if (parsed.GetValue(_megabytes) is { } megabytes)
            options = options with { RetainBytesMax = megabytes is >= 0 and < 1L << 40 ? megabytes << 20 : throw new UsageException("--keep-mb must be 0 or more.") };
        return options;
    }
}
