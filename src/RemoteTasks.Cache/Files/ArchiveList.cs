using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Merge;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// The archive files of a directory, newest first, found by one look at their names. Where a plain and a compressed file have the
/// same epoch, the compressed one counts: it was whole before it got its name, and the plain one was to be removed next.
/// </summary>
internal sealed class ArchiveList
{
    private readonly long[] _epochs;

    private ArchiveList(ArchiveName[] names, ArchiveName[] superseded)
    {
        Names = names;
        Superseded = superseded;
        _epochs = [.. names.Select(name => name.Epoch)];
    }

    /// <summary>The list without files that turned out not to be there.</summary>
    internal ArchiveList Without(IReadOnlyCollection<ArchiveName> missing) => new([.. Names.Except(missing)], [.. Superseded]);

    /// <summary>Newest first, one an epoch.</summary>
    internal IReadOnlyList<ArchiveName> Names { get; }

    /// <summary>Plain files that a compressed one has replaced.</summary>
    internal IReadOnlyList<ArchiveName> Superseded { get; }

    internal static ArchiveList Read(IDisk disk, string directory)
    {
        var names = new List<ArchiveName>();
        var superseded = new List<ArchiveName>();
        foreach (string file in disk.List(directory))
        {
            if (ArchiveName.TryParse(file, out ArchiveName name))
                names.Add(name);
        }

        superseded.AddRange(names.Where(name => !name.Compressed && names.Contains(name with { Compressed = true })));
        return new ArchiveList([.. names.Except(superseded).OrderByDescending(name => name.Epoch)], [.. superseded]);
    }

    /// <summary>
    /// The file that a task belongs to, by the names alone: the newest that begins at or before it, else the oldest, which takes
    /// everything older than its own bound.
    /// </summary>
    internal int OwnerOf(long start)
    {
        int low = 0;
        int high = _epochs.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_epochs[middle] > start)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>Where the next newer file begins; the last second there is for the newest.</summary>
    internal long UpperBound(int index) => index == 0 ? long.MaxValue : _epochs[index - 1];

    /// <summary>The times of tasks that belong to a file: from where on, and where the next newer file begins.</summary>
    internal TimeBounds BoundsOf(int index) => new(index == Names.Count - 1 ? 0 : Names[index].Epoch, UpperBound(index));
}

/// <summary>The start times that belong to an archive.</summary>
/// <param name="From">The first second; 0 for the oldest, which takes everything older than its own name says.</param>
/// <param name="Before">The first second behind it.</param>
internal readonly record struct TimeBounds(long From, long Before);

/// <summary>The archive files of a directory, open for reading: files that are replaced or removed meanwhile stay readable here.</summary>
internal sealed class OpenArchives : IDisposable
{
    private readonly List<IDiskFile?> _files = [];

    private OpenArchives(ArchiveList list) => List = list;

    internal ArchiveList List { get; }

    internal int Count => _files.Count;

    internal static OpenArchives Open(IDisk disk, string directory)
    {
        var archives = new OpenArchives(ArchiveList.Read(disk, directory));
        try
        {
            foreach (ArchiveName name in archives.List.Names)
                archives._files.Add(disk.OpenRead(Path.Combine(directory, name.ToString())));
            return archives;
        }
        catch
        {
            archives.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of a file.</summary>
    internal long LengthOf(int index) => _files[index]?.Length ?? 0;

    /// <summary>Reads one file from its beginning, for a rewrite; damage goes to <paramref name="damage"/>.</summary>
    /// <exception cref="IOException">The disk does not give it all: what may be readable the next time must not be left out for good.</exception>
    internal LineSource ReadToReplace(int index, ICollection<Damage> damage) =>
        _files[index] is { } file ? new ArchiveSource(file, List.Names[index], List.BoundsOf(index), damage, isToBeReplaced: true) : new MemorySource([]);

    /// <summary>The same for a rewrite that takes what there is: what the disk does not give is damage. Null when the file is gone.</summary>
    internal ArchiveSource? Salvage(int index, ICollection<Damage> damage) =>
        _files[index] is { } file ? new ArchiveSource(SalvageDisk.Wrap(file, List.Names[index].ToString()), List.Names[index], List.BoundsOf(index), damage) : null;

    public void Dispose()
    {
        foreach (IDiskFile? file in _files)
            file?.Dispose();
    }
}
