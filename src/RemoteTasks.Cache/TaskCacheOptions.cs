using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache;

/// <summary>How a cache is kept. The defaults suit a thousand nodes.</summary>
public sealed record TaskCacheOptions
{
    /// <summary>A new archive file begins when the newest is this old. File bounds are multiples of it: a day means midnight UTC.</summary>
    public TimeSpan RotateAfter { get; init; } = TimeSpan.FromDays(1);

    /// <summary>A new archive file begins when the newest holds this many tasks; null: no bound.</summary>
    public long? RotateRowsMax { get; init; } = 1_000_000;

    /// <summary>A new archive file begins when the newest has this many bytes; null: no bound.</summary>
    public long? RotateBytesMax { get; init; } = 256L << 20;

    /// <summary>Files that a new cache begins with, one <see cref="RotateAfter"/> apart, so that history can be filled in at once.</summary>
    public int InitialFiles { get; init; } = 7;

    /// <summary>So many of the newest files stay plain; older ones are compressed. A plain file is slower to query and has no index on disk.</summary>
    public int PlainFiles { get; init; }

    /// <summary>Archive files kept; null: as many as there are.</summary>
    public int? RetainFilesMax { get; init; }

    /// <summary>An archive is dropped when all its tasks began longer ago than this; null: never.</summary>
    public TimeSpan? RetainFor { get; init; }

    /// <summary>The oldest archives are dropped when all together have more bytes; null: never.</summary>
    public long? RetainBytesMax { get; init; } = 16L << 30;

    /// <summary>An update that leaves the journal larger than this applies it.</summary>
    public long JournalBytesMax { get; init; } = 5L << 20;

    /// <summary>
    /// The same for an update of more than a MiB: history is being filled in, and more of it will follow. An apply costs nearly the same whatever it
    /// brings, so it had better bring much.
    /// </summary>
    public long JournalBytesMaxWhileFilling { get; init; } = 112L << 20;

    /// <summary>Memory for what queries read of indexes, which keeps the next ones from reading it again.</summary>
    public long IndexMemoryMax { get; init; } = 128L << 20;

    /// <summary>Memory for decoded blocks of lines.</summary>
    public long BlockMemoryMax { get; init; } = 64L << 20;

    /// <summary>How long to wait for the lock.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How many archives are merged at a time.</summary>
    public int MergesAtOnce { get; init; } = Math.Min(4, Environment.ProcessorCount);

    /// <summary>
    /// For checking and mending: what the disk does not give of a file is damage, where otherwise it is an error and nothing is changed. What was interrupted is
    /// finished by <see cref="CacheWriter.Mend"/> only.
    /// </summary>
    public bool Salvages { get; init; }

    internal IDisk Disk { get; init; } = RealDisk.Instance;

    internal long Now => Clock.GetUtcNow().ToUnixTimeSeconds();

    internal long RotateSeconds => (long)RotateAfter.TotalSeconds;

    internal bool IsInRange =>
        RotateAfter >= TimeSpan.Zero && InitialFiles >= 1 && PlainFiles >= 0 && RetainFilesMax is not < 1
        && RetainFor is not { Ticks: < 0 } && RetainBytesMax is not < 0 && JournalBytesMax >= 0 && JournalBytesMaxWhileFilling >= 0 && IndexMemoryMax >= 0 && BlockMemoryMax >= 0
        && MergesAtOnce >= 1 && LockTimeout >= TimeSpan.Zero;
}
