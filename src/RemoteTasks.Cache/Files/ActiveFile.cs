using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Files;

/// <summary>The file <c>active</c>: the running tasks, JSON lines in the one order, replaced as a whole when one begins or ends.</summary>
internal sealed class ActiveFile(IDisk disk, string directory)
{
    private readonly string _path = Path.Combine(directory, FileNames.Active);

    /// <summary>The tasks in the file, sorted; a task that stands there twice counts once.</summary>
    internal TaskLine[] Load(ICollection<Damage> damage)
    {
        using IDiskFile? file = disk.OpenRead(_path);
        if (file is null)
            return [];
        var lines = new List<TaskLine>();
        var parser = new LineParser();
        var reader = new LineReader(new DiskStream(file, file.Length), static () => { });
        int bad = 0;
        string? firstProblem = null;
        while (reader.TryRead(out ReadOnlyMemory<byte> bytes))
        {
            if (parser.TryParse(bytes, out TaskLine line, out string? problem))
            {
                lines.Add(line.Detach());
                continue;
            }

            firstProblem ??= problem;
            bad++;
        }

        if (firstProblem is not null)
            damage.Add(new Damage(FileNames.Active, 0, long.MaxValue, bad, firstProblem));
        LineOrder.SortDistinct(lines);
        return [.. lines];
    }

    /// <summary>Replaces the file; durable on return.</summary>
    internal void Save(IEnumerable<TaskLine> lines)
    {
        using var content = new MemoryStream();
        foreach (TaskLine line in lines)
        {
            content.Write(ArchiveWriter.Encode(line));
            content.WriteByte((byte)'\n');
        }

        AtomicFile.Replace(disk, directory, FileNames.Active, content.GetBuffer().AsSpan(0, (int)content.Length));
    }
}
