using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;

namespace RemoteTasks.Cache.Merge;

/// <summary>Merges into several archives by their indexes, some at a time; all of them are put in place together.</summary>
internal sealed class SpliceBatch(Workspace workspace, TaskSnapshot stored)
{
    private long _freshBytes;

    /// <summary>Merges; gives back the shares whose archive turned out to be damaged, which are as they were.</summary>
    internal IReadOnlyList<JournalShare> Run(ArchiveList list, IReadOnlyList<JournalShare> shares)
    {
        var writers = new ArchiveWriter?[shares.Count];
        try
        {
            int[] largestFirst = [.. Enumerable.Range(0, shares.Count).OrderByDescending(i => shares[i].Rows.Count)];
            SideBySide.Run(largestFirst, workspace.Options.MergesAtOnce, i => writers[i] = Write(stored.Archives[shares[i].Index], shares[i]));
            if (writers.Any(writer => writer is not null))
            {
                workspace.Lock.Exclusively(() =>
                {
                    for (int i = 0; i < writers.Length; i++)
                        writers[i]?.Place(list.Names[shares[i].Index]);
                    workspace.SyncDirectory();
                });
                for (int i = 0; i < writers.Length; i++)
                {
                    if (writers[i]?.Written is { } written)
                        workspace.Fresh.Offer(list.Names[shares[i].Index], written);
                }
            }

            return [.. shares.Where((_, i) => writers[i] is null)];
        }
        finally
        {
            foreach (ArchiveWriter? writer in writers)
                writer?.Dispose();
        }
    }

    private ArchiveWriter? Write(ArchiveIndex archive, JournalShare share)
    {
        var writer = new ArchiveWriter(workspace.Disk, workspace.Directory, compressed: true, archive.Columns, share.Rows.Count);
        try
        {
            using var splice = new ArchiveSplice(archive, writer);
            if (!splice.TryWrite(share.ReadParts()))
            {
                writer.Dispose();
                return null;
            }

            writer.Sync();

            // The archive is about to be replaced, and what its columns take is needed for the next one's.
            archive.Columns.Forget();
            if (Interlocked.Add(ref _freshBytes, writer.Written!.Bytes) > FreshIndexes.BytesMax)
                writer.ForgetIndex();
            return writer;
        }
        catch (Exception error)
        {
            writer.Dispose();
            if (error is UnreadableException)
                archive.GoBad();
            throw;
        }
    }
}
