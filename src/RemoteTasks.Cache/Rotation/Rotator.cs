using System.IO.Hashing;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Merge;

namespace RemoteTasks.Cache.Rotation;

/// <summary>
/// Carries a plan out: begins the new file, compresses older ones, drops what is no longer kept. Each step is whole by itself, in an
/// order in which a crash between two of them leaves nothing lost and nothing shown twice.
/// </summary>
internal sealed class Rotator(Workspace workspace, ICollection<Damage> damage, Action noteDamage)
{
    internal void CarryOut(RotationPlan plan, IProgress<CacheProgress>? progress)
    {
        DropSuperseded();
        if (plan.Begin is { } epoch)
            Begin(epoch);
        for (int i = 0; i < plan.Compress.Count; i++)
        {
            progress?.Report(new CacheProgress($"compressing {plan.Compress[i]}", i, plan.Compress.Count));
            Compress(plan.Compress[i]);
        }

        Drop(plan.Drop);
    }

    /// <summary>
    /// Begins an archive. Tasks that the file before it has already taken in move over: they are durable in the new file before
    /// the other is replaced.
    /// </summary>
    private void Begin(long epoch)
    {
        using OpenArchives archives = OpenArchives.Open(workspace.Disk, workspace.Directory);
        var name = new ArchiveName(epoch, Compressed: workspace.Options.PlainFiles == 0);
        int owner = archives.Count == 0 ? -1 : archives.List.OwnerOf(epoch);
        using var taken = new ArchiveWriter(workspace.Disk, workspace.Directory, name.Compressed);
        ArchiveWriter? left = null;
        try
        {
            if (owner >= 0)
                left = Divide(archives, owner, epoch, taken);
            taken.Sync();
            noteDamage();
            workspace.Lock.Exclusively(() =>
            {
                taken.Place(name);
                workspace.SyncDirectory();
                if (left is null)
                    return;
                left.Place(archives.List.Names[owner]);
                workspace.SyncDirectory();
            });
        }
        finally
        {
            left?.Dispose();
        }
    }

    /// <summary>Copies what belongs to the new file; the rest in a file of its own, synced, or null when nothing moves over.</summary>
    private ArchiveWriter? Divide(OpenArchives archives, int owner, long epoch, ArchiveWriter taken)
    {
        // After a clock went back, all files may begin later: then the new one is the oldest, and takes what lies below the bound of its owner.
        ArchiveName name = archives.List.Names[owner];
        bool isOldest = epoch < name.Epoch;
        long bound = isOldest ? name.Epoch : epoch;
        ArchiveWriter? left = isOldest ? new ArchiveWriter(workspace.Disk, workspace.Directory, name.Compressed) : null;
        try
        {
            using LineSource rows = archives.ReadToReplace(owner, damage);
            bool hasRow = rows.MoveNext();
            for (; hasRow && rows.Current.StartTime >= bound; hasRow = rows.MoveNext())
                (left ?? taken).Write(rows.Current);
            if (!isOldest && taken.Lines > 0)
                left = new ArchiveWriter(workspace.Disk, workspace.Directory, name.Compressed);
            for (; hasRow && left is not null; hasRow = rows.MoveNext())
                (isOldest ? taken : left).Write(rows.Current);
            left?.Sync();
            return left;
        }
        catch
        {
            left?.Dispose();
            throw;
        }
    }

    /// <summary>Compresses a plain file; the plain one goes only when the compressed one has been read back and is the same.</summary>
    private void Compress(ArchiveName plain)
    {
        using IDiskFile? file = workspace.Disk.OpenRead(workspace.PathOf(plain.ToString()));
        if (file is null)
            return;
        ArchiveName compressed = plain with { Compressed = true };
        using var writer = new ArchiveWriter(workspace.Disk, workspace.Directory, compressed.Compressed);
        ArchiveList list = ArchiveList.Read(workspace.Disk, workspace.Directory);
        using var rows = new ArchiveSource(file, plain, list.BoundsOf(list.OwnerOf(plain.Epoch)), damage, isToBeReplaced: true);
        UInt128 written = Digest(rows, writer);
        writer.Sync();
        using (IDiskFile copy = writer.OpenWritten())
        {
            var faults = new List<Damage>();
            using var again = new ArchiveSource(copy, compressed, default, faults, isToBeReplaced: true);
            if (Digest(again, copyTo: null) != written || faults.Count > 0)
                throw new IOException($"'{plain}' was compressed, but reads back differently; it stays plain. The disk or the memory of this machine is at fault.");
        }

        noteDamage();
        workspace.Lock.Exclusively(() =>
        {
            writer.Place(compressed);
            workspace.SyncDirectory();
            workspace.Disk.Delete(workspace.PathOf(plain.ToString()));
            workspace.SyncDirectory();
        });
    }

    /// <summary>Removes plain files that a compressed one has replaced; one that is damaged takes over what the plain one still has.</summary>
    internal void DropSuperseded()
    {
        IReadOnlyList<ArchiveName> superseded = ArchiveList.Read(workspace.Disk, workspace.Directory).Superseded;
        foreach (ArchiveName plain in superseded)
            Complete(plain);
        Drop(superseded);
    }

    /// <summary>Removes files, the oldest first.</summary>
    private void Drop(IReadOnlyList<ArchiveName> names)
    {
        if (names.Count == 0)
            return;
        workspace.Lock.Exclusively(() =>
        {
            // The file that replaces one may have its name only in memory yet, if its writer was killed.
            workspace.SyncDirectory();
            foreach (ArchiveName name in names.OrderBy(name => name.Epoch))
            {
                workspace.Disk.Delete(workspace.PathOf(name.ToString()));
                if (name.Compressed)
                    workspace.Disk.Delete(workspace.PathOf(IndexFile.NameOf(name.Epoch)));
            }

            workspace.SyncDirectory();
        });
    }

    private void Complete(ArchiveName plain)
    {
        using OpenArchives archives = OpenArchives.Open(workspace.Disk, workspace.Directory);
        int index = archives.List.Names.ToList().IndexOf(plain with { Compressed = true });
        using IDiskFile? file = workspace.Disk.OpenRead(workspace.PathOf(plain.ToString()));
        if (index < 0 || file is null || IsWhole(archives, index))
            return;
        ArchiveSource compressed = archives.Salvage(index, damage)!;
        using var merged = new MergedSource(compressed, new ArchiveSource(file, plain, archives.List.BoundsOf(index), damage, isToBeReplaced: true));
        new ArchiveMerge(workspace, () =>
        {
            noteDamage();
            Aside.KeepUnread(workspace, compressed);
        }).Replace(archives.List, index, merged, splitBelow: false);
    }

    private static bool IsWhole(OpenArchives archives, int index)
    {
        var faults = new List<Damage>();
        using ArchiveSource? rows = archives.Salvage(index, faults);
        while (rows?.MoveNext() == true)
        {
        }

        return rows is not null && faults.Count == 0;
    }

    private static UInt128 Digest(LineSource rows, ArchiveWriter? copyTo)
    {
        var hash = new XxHash128();
        while (rows.MoveNext())
        {
            // What is written is hashed, not what was read: an older form of the UPID changes on the way.
            copyTo?.Write(rows.Current);
            hash.Append(ArchiveWriter.Encode(rows.Current));
            hash.Append("\n"u8);
        }

        return hash.GetCurrentHashAsUInt128();
    }
}
