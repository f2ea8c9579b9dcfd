namespace RemoteTasks.Cache.Files;

/// <summary>Every fixed limit of the engine, each with its reason.</summary>
internal static class Limits
{
    /// <summary>A line longer than this is damage: a UPID has some 70 characters, and a status text one line of a log.</summary>
    internal const int LineBytesMax = 1 << 20;

    /// <summary>
    /// Lines in a zstd frame: some 38 KB, decoded in about 0.04 ms, so that a page whose rows lie far apart is still cheap. Frames of 1,024
    /// lines are 2 % smaller. See docs/decisions/0004.
    /// </summary>
    internal const int BlockLinesMax = 256;

    /// <summary>A frame ends early at this size, so that long status texts do not make blocks that are slow to decode.</summary>
    internal const int BlockBytesMax = 256 << 10;

    /// <summary>A frame of a seek table that claims more than this is not read as a block, so that no table can ask for memory.</summary>
    internal const int BlockBytesReadMax = 8 << 20;

    /// <summary>Larger zstd windows are refused: the reference writes level 3, whose window is 2 MiB.</summary>
    internal const int WindowLogMax = 27;

    /// <summary>zstd level of archive files: on such lines level 1 compresses as well as 3 and 5, several times faster.</summary>
    internal const int CompressionLevel = 1;

    /// <summary>Bytes read from a file at a time.</summary>
    internal const int ReadBytes = 64 << 10;

    /// <summary>Lines of one second that are put in order together. Real seconds hold at most some thousand.</summary>
    internal const int SecondLinesMax = 64 << 10;

    /// <summary>
    /// An update with more finished tasks than this is appended as it is, without being compared with what is stored: it fills in history, of which
    /// little is known, and a task stored again is merged away by the next apply.
    /// </summary>
    internal const int LookupRowsMax = 4096;

    /// <summary>
    /// A merge begins a new file at a period's bound only behind at least this many tasks, so that sparse history does not become
    /// thousands of small files.
    /// </summary>
    internal const int SplitRowsMin = 16 << 10;

    /// <summary>Damage records kept in the state; settled ones make room, then neighbours in a file are joined. More only where more files are damaged.</summary>
    internal const int DamageRecordsMax = 256;

    /// <summary>History gaps kept for one node; beyond it neighbours are joined.</summary>
    internal const int GapsPerNodeMax = 32;
}
