using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Simulation;

namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>Opens the engine on what a crash left, and says what of the promise does not hold; null when all of it does.</summary>
internal sealed class Judge
{
    private const string Directory = "/trace/cache";

    private readonly Chapter _chapter;
    private readonly bool _isTorn;
    private readonly TaskCacheOptions _options;

    private Judge(Chapter chapter, Dictionary<string, LeftFile>? left)
    {
        _chapter = chapter;

        // Bytes lost from the midst of an append cannot be told from bytes that went bad: both are reported, and fetched again.
        _isTorn = left?.TryGetValue("journal", out LeftFile? journal) == true && journal.IsUnsynced;
        _options = chapter.Options with
        {
            Disk = new SimDisk((left ?? []).Select(file => ($"{Directory}/{file.Key}", new SimFile((ulong)file.Value.Inode, file.Value.Bytes)))),
            Clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(chapter.Now)),
            MergesAtOnce = 1,
        };
    }

    /// <param name="left">The files; null: not even a directory.</param>
    /// <param name="chapter">What was promised.</param>
    /// <param name="isUsedOn">Whether a writer, too, has to put things right and go on.</param>
    internal static string? Broken(Dictionary<string, LeftFile>? left, Chapter chapter, bool isUsedOn)
    {
        try
        {
            var judge = new Judge(chapter, left);
            return judge.Look() ?? (isUsedOn ? judge.UseOn() : null);
        }
        catch (Exception error) when (error is IOException or CacheException or InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            return $"cannot be opened: {error}";
        }
    }

    private TaskCache Open() => TaskCache.Open(Directory, _options);

    private string? Look()
    {
        try
        {
            using CacheReader reader = Open().Read();
            return _chapter.Promise.Broken(reader, isWhole: false, _isTorn);
        }
        catch (CacheException none) when (none.Error == CacheError.NotFound)
        {
            return _chapter.Promise.Broken(null, isWhole: false, _isTorn);
        }
    }

    /// <summary>What is shown after recovery is promised too; it stays, a new task comes to it, all is merged, nothing is damaged.</summary>
    private string? UseOn()
    {
        TaskCache cache = Open();
        string[] before;
        var more = new TaskRecord("pve:later!UPID:n1:00000001:00000010:3B9ACA00:vzdump:1:root@pam:", 0x3B9ACA00, "OK", 0x3B9ACA01);
        using (CacheWriter writer = cache.Write())
        {
            using (CacheReader reader = writer.Read())
            {
                if (_chapter.Promise.Broken(reader, _chapter.IsWhole, _isTorn) is { } broken)
                    return $"after recovery: {broken}";
                before = Shown(reader);
            }

            writer.Update(new TaskBatch { Tasks = [more] });
            writer.ApplyJournal();
        }

        using CacheReader after = cache.Read();
        string[] shown = Shown(after);
        string[] missing = [.. before.Except(shown)];
        string[] added = [.. shown.Except(before)];
        if (missing.Length > 0 || added is not [{ } one] || !one.StartsWith(more.Upid, StringComparison.Ordinal) || shown.Length != before.Length + 1)
            return $"used on: missing {string.Join(" / ", missing)}; new {string.Join(" / ", added)}; {before.Length} tasks became {shown.Length}";
        CheckReport report = cache.Check();
        return report.IsDamaged ? $"used on, the check finds: {string.Join(" / ", report.Findings)}" : null;
    }

    private static string[] Shown(CacheReader reader) => [.. reader.List(new TaskQuery { Limit = 0 }).Rows.Select(ModelTask.Show)];
}
