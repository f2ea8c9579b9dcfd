using System.Buffers;
using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Files;

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
    internal const int MarkBytes = 64;

    private const int RewriteBytes = 1 << 20;

    // Longer than any line with its seal, and much shorter than what history brings at once.
    private const int PieceBytes = 2 << 20;

    private readonly string _path = Path.Combine(directory, FileNames.Journal);
    private readonly Lock _gate = new();
    private readonly DurableNote _note = new(disk, directory);
    private JournalSnapshot _known = JournalSnapshot.Empty;

    // What this process knows to be on the disk. The lines of others may only be in the kernel's memory.
    private (FileIdentity? Identity, long Length) _durable;
    private bool _areNamesDurable;

    /// <summary>What the journal holds now.</summary>
    /// <param name="keepsLines">Whether the lines will be asked for, so that what has to be read anyway had better stay in memory.</param>
    internal JournalSnapshot Load(bool keepsLines = false)
    {
        lock (_gate)
        {
            IDiskFile? file = disk.OpenRead(_path);
            if (file is null)
                return _known = JournalSnapshot.Empty;
            long length = file.Length;
            bool isContinued = IsContinued(_known, file, length);

            // A tail is always read again: what replaced it may be just as long.
            if (isContinued && _known.TailLength == 0 && length == _known.Length)
            {
                file.Dispose();
                return _known;
            }

            return _known = isContinued ? Extend(_known, file, length, keepsLines) : Begin(file, keepsLines);
        }
    }

    /// <summary>Forgets what was read; the next reading begins anew.</summary>
    internal void Forget()
    {
        lock (_gate)
            _known = JournalSnapshot.Empty;
    }

    /// <summary>Says that names may have been given that no directory's sync confirmed.</summary>
    internal void DoubtNames() => _areNamesDurable = false;

    /// <summary>
    /// Makes what the journal holds durable, so that a task found there counts as stored. What nobody is known to have synced is written anew,
    /// since the sync may have failed. Nothing happens when this process has made sure of it, or the one before.
    /// </summary>
    internal void EnsureDurable()
    {
        if (!_areNamesDurable)
            disk.SyncDirectory(directory);
        _areNamesDurable = true;
        JournalSnapshot known = Load();
        long length = known.Length + known.TailLength;
        if (known.Identity is not { } identity || _durable == (identity, length))
            return;
        if (_note.Says(identity, length))
            _durable = (identity, length);
        else
            Rewrite(known);
    }

    /// <summary>Appends lines; they are durable when it returns.</summary>
    internal void Append(JournalLines lines)
    {
        JournalSnapshot known = Load();
        if (known.File is null)
        {
            PlaceEmpty();
            disk.SyncDirectory(directory);
            known = Load();
        }

        _note.Clear();
        using IDiskFile file = disk.OpenWrite(_path);
        long end = MendTail(file, known);
        JournalRow[] rows = new JournalRow[lines.Rows.Length];
        byte[] mark = Write(file, end, lines, rows);
        file.Sync();
        end += lines.SealedBytes;
        Confirm(file, end);
        Continue(known, lines, rows, end, mark);
    }

    /// <summary>Writes lines; the last bytes of them. What is long goes to the disk while the rest of it is made.</summary>
    private static byte[] Write(IDiskFile file, long at, JournalLines lines, JournalRow[] rows)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(lines.SealedBytes, PieceBytes));
        byte[] mark = [];
        long end = at;
        try
        {
            foreach (ReadOnlyMemory<byte> piece in lines.Seal(at, buffer, rows))
            {
                file.Write(end, piece.Span);
                if (lines.SealedBytes > PieceBytes)
                    file.SendOff(end, piece.Length);
                end += piece.Length;
                mark = piece.Span[Math.Max(0, piece.Length - MarkBytes)..].ToArray();
            }
        }
        catch (IOException)
        {
            // A full disk leaves part of a line: take it back, so that nothing is ever appended to a fragment.
            file.SetLength(at);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return mark;
    }

    /// <summary>What was written need not be read again, unless a mended line lies before it.</summary>
    private void Continue(JournalSnapshot known, JournalLines added, JournalRow[] rows, long end, byte[] mark)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_known, known) || end != known.Length + added.SealedBytes)
                return;
            _known = new JournalSnapshot(known, known.File!, end, tailLength: 0, added.Sorted)
            {
                Rows = [.. known.Rows, rows],
                BadLines = known.BadLines,
                Mark = mark,
            };
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

        PlaceEmpty();
        Replaced();
    }

    /// <summary>Writes the journal anew, as another file, without a torn tail: nobody knows whether the disk has this one.</summary>
    private void Rewrite(JournalSnapshot known)
    {
        using (IDiskFile old = disk.OpenWrite(_path))
        using (var copy = new AtomicFile(disk, directory))
        {
            byte[] piece = new byte[Math.Min(RewriteBytes, known.GoodLength)];
            int Next() => old.Read(copy.Length, piece.AsSpan(0, (int)Math.Min(piece.Length, known.GoodLength - copy.Length)));
            for (int read; (read = Next()) > 0;)
                copy.Append(piece.AsSpan(0, read));
            copy.Sync();
            copy.Place(FileNames.Journal);
        }

        Replaced();
    }

    private void PlaceEmpty()
    {
        using var file = new AtomicFile(disk, directory);
        file.Sync();
        file.Place(FileNames.Journal);
    }

    private void Replaced()
    {
        disk.SyncDirectory(directory);
        Forget();
        using IDiskFile? file = disk.OpenRead(_path);
        if (file is not null)
            Confirm(file, file.Length);
    }

    private void Confirm(IDiskFile file, long length)
    {
        _durable = (file.Identity, length);
        try
        {
            _note.Write(file, length);
        }
        catch (IOException)
        {
            // The next process writes the journal anew: more work, and nothing lost.
        }
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

    /// <summary>Ends a last line that counts, or cuts off one that does not; where the next line begins.</summary>
    private static long MendTail(IDiskFile file, JournalSnapshot known)
    {
        if (known.TailLength == 0)
            return known.Length;
        if (known.TailRow is not null)
        {
            file.Write(known.GoodLength, "\n"u8);
            return known.GoodLength + 1;
        }

        file.SetLength(known.Length);
        file.Sync();
        return known.Length;
    }

    /// <summary>Reads a file of which nothing is known.</summary>
    private JournalSnapshot Begin(IDiskFile file, bool keepsLines)
    {
        ConfirmedBytes confirmed = _note.ConfirmedOf(file);
        long length = file.Length;

        // A writer takes its note back before it cuts anything off.
        return Extend(JournalSnapshot.Empty, file, length, keepsLines, _note.ConfirmedOf(file) == confirmed ? confirmed : default);
    }

    private static JournalSnapshot Extend(JournalSnapshot known, IDiskFile file, long length, bool keepsLines, ConfirmedBytes confirmed = default)
    {
        JournalPart added = JournalReader.Scan(file, known.Length, length, keepsLines);

        // Another program empties its journal in place, and fills it again; but not with rubbish.
        bool isOurs = confirmed.BeginsTheSame || (length > 0 && added.Rows.Count == 0 && added.Tail is null);
        return new JournalSnapshot(known, file, added.End, length - added.End, added.Lines)
        {
            Rows = added.Rows.Count == 0 ? known.Rows : [.. known.Rows, [.. added.Rows]],
            TailRow = added.Tail,
            BadLines = known.BadLines + added.BadLines,
            LostBytes = Math.Max(known.LostBytes, isOurs ? confirmed.Count - (added.Tail is null ? added.End : length) : 0),
            Mark = added.Mark.IsEmpty ? known.Mark : added.Mark,
        };
    }
}
