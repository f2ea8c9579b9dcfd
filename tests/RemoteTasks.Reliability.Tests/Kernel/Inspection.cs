using RemoteTasks.Cache;
using RemoteTasks.Reliability.Tests.Crash;

namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>Looks at what a failure left of a cache, holds it against what was promised, and goes on using it.</summary>
internal static class Inspection
{
    /// <summary>The promise of a life that is broken; null when all is well.</summary>
    /// <param name="life">What was done.</param>
    /// <param name="directory">What is left.</param>
    /// <param name="first">Steps that were surely acknowledged before the failure.</param>
    /// <param name="last">Steps that had been by the time it was over: each between may be the last that counts.</param>
    internal static string? Broken(Life life, string directory, int first, int last)
    {
        string? broken = null;
        var possible = new List<int>();
        for (int step = first; step <= last; step++)
        {
            if (Look(life.PromiseAt(step), directory, life.Options) is { } found)
                broken ??= $"step {step} ({life.CommandAt(step).Name}): {found}";
            else
                possible.Add(step);
        }

        if (possible.Count == 0)
            return broken;
        return Damage(directory, life.Options) ?? UseOn(life, directory, possible);
    }

    /// <summary>The promise that a reader finds broken.</summary>
    internal static string? Look(Promise promise, string directory, TaskCacheOptions options)
    {
        try
        {
            using CacheReader reader = TaskCache.Open(directory, options).Read();
            return promise.Broken(reader, isWhole: false, isTorn: false);
        }
        catch (CacheException none) when (none.Error == CacheError.NotFound)
        {
            return promise.Broken(null, isWhole: false, isTorn: false);
        }
    }

    /// <summary>What a check of every file finds.</summary>
    internal static string? Damage(string directory, TaskCacheOptions options)
    {
        try
        {
            Finding? damage = TaskCache.Open(directory, options).Check().Findings.FirstOrDefault(finding => finding.IsDamage);
            return damage is null ? null : $"unreadable: {damage}";
        }
        catch (CacheException none) when (none.Error == CacheError.NotFound)
        {
            return null;
        }
    }

    /// <summary>The next writer finishes what was interrupted; then something more is stored.</summary>
    private static string? UseOn(Life life, string directory, List<int> possible)
    {
        TaskCache cache = TaskCache.Open(directory, life.Options);
        using CacheWriter writer = cache.Write();
        string? broken = null;
        foreach (int step in possible)
        {
            Promise promise = life.PromiseAt(step);
            using (CacheReader reader = writer.Read())
                broken = promise.Broken(reader, life.CommandAt(step).IsWhole, isTorn: false);
            if (broken is not null)
                continue;
            Command more = Life.UpdateOf(promise.Shown(writer), step);
            more.Do(writer);
            using CacheReader after = writer.Read();
            return Promise.Of(more.After, more.After).Broken(after, isWhole: false, isTorn: false) is { } later ? $"used on after step {step}: {later}" : null;
        }

        return $"with the next writer: {broken}";
    }
}
