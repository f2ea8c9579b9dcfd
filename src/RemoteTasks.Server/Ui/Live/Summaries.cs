using System.Collections.Concurrent;
using RemoteTasks.Cache;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.Ui.Live;

/// <summary>Answers that several pages ask for, found out once for each version of the cache. Safe to use from several threads.</summary>
internal sealed class Summaries(TaskStore store)
{
    private const int AnswersMax = 200;

    private Kept _kept = new(long.MinValue, []);

    /// <summary>The answer to a question that the key names in full.</summary>
    internal T Of<T>(string key, Func<CacheReader, T> answer)
    {
        try
        {
            return Read(key, answer);
        }
        catch (CacheException error) when (error.Error == CacheError.WentBad)
        {
            // What went bad is known at the second time, and left out.
            return Read(key, answer);
        }
    }

    private T Read<T>(string key, Func<CacheReader, T> answer)
    {
        using CacheReader reader = store.Cache.Read();
        Kept kept = _kept;
        if (kept.Version != reader.Version)
            _kept = kept = new Kept(reader.Version, []);
        if (kept.Answers.TryGetValue(key, out object? known))
            return (T)known;
        T found = answer(reader);
        if (kept.Answers.Count >= AnswersMax)
            kept.Answers.Clear();
        kept.Answers[key] = found!;

        // It is fetched again in its own time.
        if (reader.Damage.Count > 0)
            _ = store.ReportDamageAsync(reader.Damage);
        return found;
    }

    private sealed record Kept(long Version, ConcurrentDictionary<string, object> Answers);
}
