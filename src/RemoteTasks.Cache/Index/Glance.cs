using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// A cache directory seen from outside, by four looks at its inodes. Whatever replaces, adds or removes a file changes the directory;
/// the journal is appended to in place.
/// </summary>
internal readonly record struct Glance(FileStamp? Directory, FileStamp? Journal, FileStamp? State, FileStamp? Active)
{
    internal static Glance At(IDisk disk, string directory) => new(
        disk.Stamp(directory),
        disk.Stamp(Path.Combine(directory, FileNames.Journal)),
        disk.Stamp(Path.Combine(directory, FileNames.State)),
        disk.Stamp(Path.Combine(directory, FileNames.Active)));

    /// <summary>Whether times are finer than seconds, as those of every file system in use are; on others two changes may look the same for long.</summary>
    internal bool IsFine => IsFineTime(Directory) && IsFineTime(Journal) && IsFineTime(State) && IsFineTime(Active);

    private static bool IsFineTime(FileStamp? stamp) => stamp is null || stamp.Value.Modified % 1_000_000_000 != 0;
}

/// <summary>
/// Tells whether a directory is as it was when it was read. A change that follows another within a tick of the file system's clock leaves
/// no other trace, so what was read is relied on only when the same glance had been seen for longer than a tick before the reading.
/// </summary>
internal sealed class GlanceWatch(IDisk disk, string directory)
{
    // Ticks are of 1 to 10 ms.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private Glance _seen;
    private long _seenSince;
    private Glance? _beforeReading;
    private Glance? _relied;

    /// <summary>To be called before anything is read: relies on nothing until <see cref="Rely"/>.</summary>
    internal void BeforeReading()
    {
        Glance now = Glance.At(disk, directory);
        long time = TimeProvider.System.GetTimestamp();
        if (now != _seen)
        {
            _seen = now;
            _seenSince = time;
        }

        _relied = null;
        _beforeReading = now.IsFine && TimeProvider.System.GetElapsedTime(_seenSince, time) > Tick ? now : null;
    }

    /// <summary>To be called when all was read.</summary>
    internal void Rely() => _relied = _beforeReading;

    /// <summary>Whether what was read last is what would be read now.</summary>
    internal bool IsUnchanged => _relied is { } relied && relied == Glance.At(disk, directory);

    /// <summary>Relies on nothing any more.</summary>
    internal void Forget() => _relied = null;
}
