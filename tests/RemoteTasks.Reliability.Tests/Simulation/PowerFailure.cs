namespace RemoteTasks.Reliability.Tests.Simulation;

/// <summary>
/// What may be on a disk after the power failed: all that was synced, and of the rest, by chance, nothing, everything, a prefix in time, or any
/// part in any order; of writes also the first bytes only, single sectors, or the new length with zeros for bytes.
/// </summary>
internal sealed class PowerFailure(Random random)
{
    private const int SectorBytes = 512;

    /// <summary>A disk that holds what is left, all of it durable. The disk given stays as it is.</summary>
    internal SimDisk Strike(SimDisk disk)
    {
        Func<long, bool> isKept = Rule(disk);
        var names = new Dictionary<string, SimFile>(disk.DurableNames, StringComparer.Ordinal);
        foreach (NameChange change in disk.PendingNames.Where(change => isKept(change.Sequence)))
            change.Apply(names);
        if (disk.PendingDirectory is { } made && !isKept(made))
            names.Clear();
        return new SimDisk(names.Select(name => KeyValuePair.Create(name.Key, new SimFile(name.Value.Inode, Left(name.Value, isKept))))) { Failures = disk.Failures + 1 };
    }

    private Func<long, bool> Rule(SimDisk disk)
    {
        IEnumerable<long> contents = disk.Files.SelectMany(file => file.Pending).Select(change => change.Sequence);
        IEnumerable<long> directory = disk.PendingDirectory is { } made ? [made] : [];
        long[] pending = [.. disk.PendingNames.Select(change => change.Sequence).Concat(contents).Concat(directory).Order()];
        switch (random.Next(5))
        {
            case 0:
                return static _ => false;
            case 1:
                return static _ => true;
            case 2:
                long last = pending.Length == 0 ? 0 : pending[random.Next(pending.Length)];
                return sequence => sequence <= last;
            case 3:
                // All but one: what a single missing sync does.
                long lost = pending.Length == 0 ? 0 : pending[random.Next(pending.Length)];
                return sequence => sequence != lost;
            default:
                HashSet<long> kept = [.. pending.Where(_ => random.Next(2) == 0)];
                return kept.Contains;
        }
    }

    private byte[] Left(SimFile file, Func<long, bool> isKept)
    {
        byte[] bytes = file.Durable;
        foreach (ContentChange change in file.Pending)
        {
            if (isKept(change.Sequence))
                bytes = change.AppliedTo(bytes, random.Next(4) == 0 ? Torn(change.Bytes.Length) : static _ => true);
            else if (change.Length is null && random.Next(8) == 0)
                Array.Resize(ref bytes, change.LengthAfter(bytes.Length));
        }

        return bytes;
    }

    /// <summary>Which bytes of a write arrive.</summary>
    private Func<int, bool> Torn(int length)
    {
        if (random.Next(2) == 0)
        {
            int first = random.Next(length + 1);
            return i => i < first;
        }

        int sectors = random.Next();
        return i => (sectors >> (i / SectorBytes % 31) & 1) != 0;
    }
}
