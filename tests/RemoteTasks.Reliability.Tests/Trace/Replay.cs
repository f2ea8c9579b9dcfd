using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>
/// Goes through a trace, and after each call through the disks that a crash could leave there: nothing of what is not synced, all of it, all but one
/// change, one alone, each prefix, every other one, and parts by chance. Each different disk is judged once a chapter.
/// </summary>
internal sealed class Replay(string name, int seed, int parts, ReplayFigures figures)
{
    /// <summary>So many single changes of a moment are left out or kept alone; where there are more, chance picks them.</summary>
    private const int SinglesMax = 24;

    private readonly Random _random = new(seed);
    private readonly HashSet<UInt128> _seen = [];
    private readonly HashSet<int> _temporary = [];
    private long _judged;

    /// <summary>Every how many disks are also used on; the others are only read.</summary>
    internal int UseOnEach { get; init; } = 4;

    /// <summary>The first broken promise ends it: what it was, and after which call.</summary>
    /// <param name="files">What was there before.</param>
    /// <param name="events">The trace.</param>
    /// <param name="from">The first call to judge after.</param>
    /// <param name="count">How many of them.</param>
    internal string? Broken(
        IReadOnlyDictionary<string, (int Inode, byte[] Bytes)> files, IReadOnlyList<TraceEvent> events, int from = 0, int count = int.MaxValue)
    {
        var disk = new TraceDisk(files);
        Chapter? chapter = null;
        int number = 0;
        foreach (TraceEvent done in events.Take((int)Math.Min(events.Count, (long)from + count)))
        {
            number++;
            if (done.Kind == EventKind.Chapter)
            {
                chapter = done.Chapter;
                _seen.Clear();
            }
            else
            {
                disk.Apply(done);
            }

            if (CanTell(done) && chapter is not null && number > from && Broken(disk, chapter) is { } broken)
                return $"{name}, {chapter.Name}, after call {number} ({done}): {broken}";
        }

        return null;
    }

    /// <summary>What happens to the bytes of a file that has no lasting name yet is seen only when it gets one.</summary>
    private bool CanTell(TraceEvent done)
    {
        if (done.Kind == EventKind.Create && IsTemporary(done.Name))
            _temporary.Add(done.Inode);
        if (done.Kind == EventKind.Rename)
            _temporary.Remove(done.Inode);
        return done.Kind is not (EventKind.Write or EventKind.Cut or EventKind.Sync) || !_temporary.Contains(done.Inode);
    }

    private string? Broken(TraceDisk disk, Chapter chapter)
    {
        foreach (bool[] kept in Ways(disk.Pending))
        {
            figures.States++;
            Dictionary<string, LeftFile>? left = disk.Left(kept);
            UInt128 hash = Hash(left);
            figures.Disks.Add(hash);
            if (!_seen.Add(hash))
                continue;
            figures.Judged++;
            bool isUsedOn = _judged++ % UseOnEach == 0;
            figures.UsedOn += isUsedOn ? 1 : 0;
            if (Judge.Broken(left, chapter, isUsedOn) is { } broken)
                return broken;
        }

        return null;
    }

    private IEnumerable<bool[]> Ways(int pending)
    {
        yield return new bool[pending];
        if (pending == 0)
            yield break;
        yield return Kept(pending, static _ => true);
        foreach (int single in Singles(pending))
        {
            yield return Kept(pending, i => i != single);
            yield return Kept(pending, i => i == single);
            yield return Kept(pending, i => i < single);
        }

        yield return Kept(pending, static i => i % 2 == 0);
        yield return Kept(pending, static i => i % 2 == 1);
        for (int part = 0; part < parts; part++)
        {
            int odds = _random.Next(1, 8);
            yield return Kept(pending, _ => _random.Next(8) < odds);
        }
    }

    private IEnumerable<int> Singles(int pending)
    {
        if (pending <= SinglesMax)
            return Enumerable.Range(0, pending);

        // The last ones are new; the others had their turn when they were.
        return Enumerable.Range(pending - (SinglesMax / 2), SinglesMax / 2)
            .Concat(Enumerable.Range(0, SinglesMax / 2).Select(_ => _random.Next(pending)));
    }

    private static bool[] Kept(int pending, Func<int, bool> isKept)
    {
        bool[] kept = new bool[pending];
        for (int i = 0; i < pending; i++)
            kept[i] = isKept(i);
        return kept;
    }

    /// <summary>Of temporary files only the number counts, of the note only whether it speaks of the journal that is there.</summary>
    private static UInt128 Hash(Dictionary<string, LeftFile>? left)
    {
        var hash = new XxHash128();
        foreach ((string name, LeftFile file) in (left ?? []).OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            if (IsTemporary(name))
            {
                hash.Append("tmp"u8);
                continue;
            }

            hash.Append(Encoding.UTF8.GetBytes(name));
            hash.Append(MemoryMarshal.AsBytes([file.Bytes.Length]));
            hash.Append(name == ".durable" ? [IsNoted(left!, file) ? (byte)1 : (byte)0] : file.Bytes);
        }

        return hash.GetCurrentHashAsUInt128();
    }

    private static bool IsTemporary(string name) => name.EndsWith(".tmp", StringComparison.Ordinal);

    private static bool IsNoted(Dictionary<string, LeftFile> left, LeftFile note) =>
        note.Bytes.Length == 24 && left.TryGetValue("journal", out LeftFile? journal)
        && MemoryMarshal.Read<ulong>(note.Bytes.AsSpan(8)) == (ulong)journal.Inode
        && MemoryMarshal.Read<long>(note.Bytes.AsSpan(16)) == journal.Bytes.Length;
}

/// <summary>What was looked at.</summary>
internal sealed class ReplayFigures
{
    /// <summary>Disks that were made, equal ones included.</summary>
    internal long States { get; set; }

    /// <summary>Disks that were opened by the engine: different ones of each chapter.</summary>
    internal long Judged { get; set; }

    /// <summary>Those that a writer recovered and used on.</summary>
    internal long UsedOn { get; set; }

    /// <summary>All different disks.</summary>
    internal HashSet<UInt128> Disks { get; } = [];

    public override string ToString() =>
        $"{States:N0} states, {Disks.Count:N0} different disks, {Judged:N0} judged by what was promised at that moment, "
        + $"{UsedOn:N0} of them recovered and used on";
}
