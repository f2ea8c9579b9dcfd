using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Merge;

/// <summary>
/// Moves the journal's rows into the archives. The journal is emptied only when all of them are durable, so a crash anywhere leaves rows
/// in both, where the journal's version speaks: doing it again changes nothing.
/// </summary>
/// <param name="workspace">What it works on.</param>
/// <param name="journal">What is emptied.</param>
/// <param name="noteDamage">Makes damage that was met durable, before the only trace of it is replaced.</param>
internal sealed class JournalApply(Workspace workspace, Journal journal, Action<IReadOnlyCollection<Damage>> noteDamage)
{
    /// <summary>Merges, and empties the journal.</summary>
    /// <param name="read">The cache as it is, for its indexes; null when every line of every archive that is touched is to be read.</param>
    /// <param name="progress">Told of each archive.</param>
    internal ApplyResult Run(Func<CacheReader>? read, IProgress<CacheProgress>? progress)
    {
        JournalSnapshot pending = journal.Load();
        if (pending.Length + pending.TailLength == 0)
            return new ApplyResult(0, 0, 0, []);
        var damage = new List<Damage>();
        int files;
        try
        {
            using CacheReader? reader = read?.Invoke();
            files = new JournalMerge(workspace, () => noteDamage(damage), reader?.Snapshot).Run(pending, damage, progress);
        }
        catch (Exception error) when (error is IOException or CacheException)
        {
            // Perhaps the journal is not what it was: it is read anew the next time.
            journal.Forget();
            throw;
        }

        if (pending.Damage is { } lost)
        {
            // With the journal goes the trace of what is missing in it.
            noteDamage([lost]);
            Aside.Keep(workspace, FileNames.Journal);
        }

        workspace.Lock.Exclusively(() => journal.Clear(pending));
        return new ApplyResult(pending.RowCount, files, pending.BadLines, damage);
    }
}
