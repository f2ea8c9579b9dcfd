using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// What the journal held at one moment: finished tasks that are not in the archives yet, sorted, the later written version of
/// each. Immutable.
/// </summary>
/// <param name="Identity">The file it was read from; null when there was none.</param>
/// <param name="Length">Bytes up to the end of the last whole line.</param>
/// <param name="TailLength">Bytes behind it: a line without its newline, torn by a crash.</param>
/// <param name="Lines">In the one order.</param>
/// <param name="BadLines">Lines that could not be understood.</param>
/// <param name="Mark">The last bytes before <paramref name="Length"/>: shows whether a longer file still is the same journal.</param>
internal sealed record JournalSnapshot(
    FileIdentity? Identity, long Length, long TailLength, SortedLines Lines, int BadLines, ReadOnlyMemory<byte> Mark)
{
    internal static readonly JournalSnapshot Empty = new(null, 0, 0, SortedLines.Empty, 0, default);

    internal static readonly Comparer<TaskLine> Order = Comparer<TaskLine>.Create(static (a, b) => TaskLine.Compare(a, b));
}

/// <summary>
/// The journal: JSON lines in order of arrival, only ever appended to, replaced by an empty one when its rows are in the archives.
/// It is read incrementally: a process that knows it parses only what has been added.
/// <para>
/// A crash while appending leaves a last line without newline. It was not acknowledged: the next writer cuts it off, or ends it
/// when it is whole. Lines before it are never touched.
/// </para>
/// </summary>
internal sealed class Journal(IDisk disk, string directory)
{
    private const int MarkBytes = 64;

    private readonly string _path = Path.Combine(directory, FileNames.Journal);
    private readonly Lock _gate = new();
    private JournalSnapshot _known = JournalSnapshot.Empty;

    // What this process knows to be on the disk. The lines of others may only be in the kernel's memory.
    private (FileIdentity? Identity, long Length) _durable;

    /// <summary>What the journal holds now.</summary>
    internal JournalSnapshot Load()
    {
        lock (_gate)
        {
            using IDiskFile? file = disk.OpenRead(_path);
            if (file is null)
                return _known = JournalSnapshot.Empty;
            long length = file.Length;
            bool isContinued = IsContinued(_known, file, length);
            JournalSnapshot start = isContinued ? _known : JournalSnapshot.Empty with { Identity = file.Identity };

            // A tail is always read again: what replaced it may be just as long.
            if (isContinued && start.TailLength == 0 && length == start.Length)
                return _known;
            return _known = Extend(start, file, length);
        }
    }

    /// <summary>
    /// Makes what the journal holds durable, so that a task found there counts as stored: a process that was killed may have written
    /// it and not synced it. Nothing happens when this process has done so.
    /// </summary>
    internal void EnsureDurable()
    {
        JournalSnapshot known = Load();
        if (known.Identity is null || _durable == (known.Identity, known.Length + known.TailLength))
            return;
        using (IDiskFile file = disk.OpenWrite(_path))
            SyncOrFail(file);
        disk.SyncDirectory(directory);
        _durable = (known.Identity, known.Length + known.TailLength);
    }

    /// <summary>Appends lines; they are durable when it returns.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="bytes">The same as they are written, each with its newline.</param>
    internal void Append(SortedLines lines, byte[] bytes)
    {
        JournalSnapshot known = Load();
        if (known.Identity is null)
        {
            Replace(bytes);
            return;
        }

        using IDiskFile file = disk.OpenWrite(_path);
        long end = MendTail(file, known);
        try
        {
            file.Write(end, bytes);
        }
        catch (IOException)
        {
            // A full disk leaves part of a line: take it back, so that nothing is ever appended to a fragment.
            file.SetLength(end);
            throw;
        }

        SyncOrFail(file);
        _durable = (file.Identity, end + bytes.Length);
        lock (_gate)
        {
            // What was written need not be read again, unless a mended line lies before it.
            if (end == known.Length && ReferenceEquals(_known, known))
                _known = known with { Length = end + bytes.Length, TailLength = 0, Lines = known.Lines.With(lines), Mark = MarkOf(bytes) };
        }
    }

    /// <summary>Begins an empty journal in place of the one whose rows are in the archives. Readers of the old one keep it.</summary>
    /// <param name="merged">What has been merged: more than that must not go.</param>
    internal void Clear(JournalSnapshot merged)
    {
        JournalSnapshot now = Load();
        if (now.Identity != merged.Identity || now.Length + now.TailLength != merged.Length + merged.TailLength)
        {
            throw new CacheException(
                CacheError.ChangedMeanwhile,
                $"Another program wrote to '{_path}' while its tasks were merged. They are in the archives and nothing is lost; try again.");
        }

        Replace([]);
    }

    private void Replace(ReadOnlySpan<byte> content)
    {
        AtomicFile.Replace(disk, directory, FileNames.Journal, content);
        lock (_gate)
            _known = JournalSnapshot.Empty;
        using IDiskFile? file = disk.OpenRead(_path);
        _durable = (file?.Identity, content.Length);
    }

    /// <summary>The reference empties its journal in place and fills it again, so the same file may hold other lines.</summary>
    private static bool IsContinued(JournalSnapshot known, IDiskFile file, long length)
    {
        if (known.Identity != file.Identity || length < known.Length)
            return false;
        Span<byte> mark = stackalloc byte[MarkBytes];
        mark = mark[..known.Mark.Length];
        return file.Read(known.Length - mark.Length, mark) == mark.Length && mark.SequenceEqual(known.Mark.Span);
    }

    private static void SyncOrFail(IDiskFile file)
    {
        try
        {
            file.Sync();
        }
        catch (IOException error)
        {
            // The kernel has dropped the pages and marked them clean: what is on the disk now, nobody knows.
            throw new CacheException(
                CacheError.SyncFailed,
                $"The disk did not confirm the journal: {error.Message} Nothing is written any more until the program is started again.",
                error);
        }
    }

    private static long MendTail(IDiskFile file, JournalSnapshot known)
    {
        if (known.TailLength == 0)
            return known.Length;
        byte[] tail = new byte[known.TailLength];
        file.Read(known.Length, tail);
        if (new LineParser().TryParse(tail, out _, out _))
        {
            file.Write(known.Length + tail.Length, "\n"u8);
            return known.Length + tail.Length + 1;
        }

        file.SetLength(known.Length);
        SyncOrFail(file);
        return known.Length;
    }

    private static JournalSnapshot Extend(JournalSnapshot known, IDiskFile file, long length)
    {
        byte[] bytes = new byte[length - known.Length];
        int read = file.Read(known.Length, bytes);
        var parser = new LineParser();
        var added = new LineCollector();
        int bad = known.BadLines;
        int offset = 0;
        while (offset < read)
        {
            int newline = bytes.AsSpan(offset, read - offset).IndexOf((byte)'\n');
            int end = newline < 0 ? read : offset + newline;
            if (parser.TryParse(bytes.AsMemory(offset, end - offset), out TaskLine line, out _) && !line.IsRunning)
                added.Add(line);
            else if (newline >= 0 && end > offset)
                bad++;
            if (newline < 0)
                break;
            offset = end + 1;
        }

        ReadOnlyMemory<byte> mark = offset == 0 ? known.Mark : MarkOf(bytes.AsSpan(0, offset));
        return new JournalSnapshot(known.Identity, known.Length + offset, read - offset, known.Lines.With(added.ToSorted()), bad, mark);
    }

    private static byte[] MarkOf(ReadOnlySpan<byte> bytes) => bytes[Math.Max(0, bytes.Length - MarkBytes)..].ToArray();
}
