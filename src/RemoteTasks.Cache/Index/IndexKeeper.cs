using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Index;

/// <summary>Keeps the files of indexes in step with the archives, for what their making left out: foreign archives, crashes, damage.</summary>
internal sealed class IndexKeeper(Workspace workspace)
{
    /// <summary>Removes indexes whose archive is gone, or plain.</summary>
    internal void RemoveStrays()
    {
        var compressed = ArchiveList.Read(workspace.Disk, workspace.Directory).Names.Where(name => name.Compressed).Select(name => name.Epoch).ToHashSet();
        foreach (string file in workspace.Disk.List(workspace.Directory))
        {
            if (IndexFile.IsName(file, out long epoch) && !compressed.Contains(epoch))
                workspace.Disk.Delete(workspace.PathOf(file));
        }
    }

    /// <summary>
    /// Puts beside each archive the index that had to be made from it, if the archive still is what it was made from; whether there was one.
    /// </summary>
    internal bool Complete(TaskSnapshot snapshot)
    {
        bool any = false;
        foreach (ArchiveIndex archive in snapshot.Archives)
        {
            if (archive.Made is not { } made)
                continue;
            any = true;
            if (IndexLoader.TryDigest(archive.File) != made.Digest)
            {
                archive.GoBad();
                continue;
            }

            using var file = new AtomicFile(workspace.Disk, workspace.Directory);
            IndexFile.Write(made.Data, archive.Length, made.Digest, file);
            file.CloseUnsynced();
            file.PlaceAnew(IndexFile.NameOf(archive.Name.Epoch));
        }

        return any;
    }
}
