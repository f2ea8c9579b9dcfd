using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Files;

/// <summary>The file <c>active</c>: the running tasks, JSON lines in the one order, replaced as a whole when one begins or ends.</summary>
internal sealed class ActiveFile(IDisk disk, string directory)
{
    private const int KnownBytesMax = 8 << 20;

    private readonly string _path = Path.Combine(directory, FileNames.Active);

    // Running tasks are read far more often than they change: the same bytes are not understood twice.
    private byte[] _knownBytes = [];
    private TaskLine[] _known = [];

    /// <summary>The tasks in the file, sorted; a task that stands there twice counts once.</summary>
    internal TaskLine[] Load(ICollection<Damage> damage)
    {
        using IDiskFile? file = disk.OpenRead(_path);
        if (file is null)
            return [];
        if (file.Length > KnownBytesMax)
            return Load(new DiskStream(file, file.Length), damage);
        byte[] bytes = new byte[file.Length];
        bytes = bytes[..file.Read(0, bytes)];
        if (bytes.AsSpan().SequenceEqual(_knownBytes))
            return _known;
        int damagesBefore = damage.Count;
        TaskLine[] lines = Load(new MemoryStream(bytes), damage);
        if (damage.Count == damagesBefore)
            (_knownBytes, _known) = (bytes, lines);
        return lines;
    }

    /// <summary>Replaces the file; durable on return.</summary>
    internal void Save(IEnumerable<TaskLine> lines)
    {
        using var content = new MemoryStream();
        var seals = new SealedFileWriter();
        foreach (TaskLine line in lines)
            content.Write(seals.Next(ArchiveWriter.Encode(line)));
        content.Write(seals.Last());

        AtomicFile.Replace(disk, directory, FileNames.Active, content.GetBuffer().AsSpan(0, (int)content.Length));
    }

    private static TaskLine[] Load(Stream content, ICollection<Damage> damage)
    {
        var lines = new List<TaskLine>();
        var parser = new LineParser();
        var reader = new LineReader(content, static () => { });
        var seals = new SealedFileReader();
        int bad = 0;
        string? firstProblem = null;
        while (reader.TryRead(out ReadOnlyMemory<byte> bytes))
        {
            string? problem = LineSeal.Broken;
            if (seals.TryOpen(ref bytes) && parser.TryParse(bytes, out TaskLine line, out problem))
            {
                lines.Add(line.Detach());
                continue;
            }

            firstProblem ??= problem;
            bad++;
        }

        firstProblem ??= seals.Missing;
        if (firstProblem is not null)
            damage.Add(new Damage(FileNames.Active, 0, long.MaxValue, bad, firstProblem));
        LineOrder.SortDistinct(lines);
        return [.. lines];
    }
}
