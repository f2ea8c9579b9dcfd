namespace RemoteTasks.Cache.Files;

/// <summary>Every name the cache has on disk. Names are built from numbers only, never from what a remote or a user sent.</summary>
internal static class FileNames
{
    internal const string Active = "active";
    internal const string Journal = "journal";
    internal const string State = "state";

    /// <summary>flock(2), shared with every other program that reads or writes the directory.</summary>
    internal const string Lock = ".lock";

    /// <summary>flock(2) among our own writers, held while one prepares what it will commit; readers never touch it.</summary>
    internal const string WriterLock = ".writer";

    /// <summary>Which journal was last confirmed by the disk, and up to where: see <see cref="DurableNote"/>.</summary>
    internal const string Durable = ".durable";

    /// <summary>Ends the name of a file that is being written. Only the holder of the writer lock makes or removes one.</summary>
    internal const string TemporarySuffix = ".tmp";
}

/// <summary>
/// The name of an archive file, <c>archive.&lt;epoch&gt;</c> or <c>archive.&lt;epoch&gt;.zst</c>: it holds the finished tasks that
/// began at or after <paramref name="Epoch"/> (seconds) and before the next file's.
/// </summary>
internal readonly record struct ArchiveName(long Epoch, bool Compressed)
{
    private const string Prefix = "archive.";
    private const string CompressedSuffix = ".zst";
    private const int DigitsMax = 12;

    /// <summary>Reads a name; false for everything else in the directory: temporary files, indexes, strangers.</summary>
    internal static bool TryParse(string name, out ArchiveName archive)
    {
        archive = default;
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        bool compressed = name.EndsWith(CompressedSuffix, StringComparison.Ordinal);
        ReadOnlySpan<char> digits = name.AsSpan(Prefix.Length);
        if (compressed)
            digits = digits[..Math.Max(0, digits.Length - CompressedSuffix.Length)];
        if (digits.Length is 0 or > DigitsMax || digits.ContainsAnyExceptInRange('0', '9'))
            return false;

        long epoch = long.Parse(digits);
        archive = new ArchiveName(epoch, compressed);
        return archive.ToString() == name;
    }

    public override string ToString() => $"{Prefix}{Epoch}{(Compressed ? CompressedSuffix : "")}";
}
