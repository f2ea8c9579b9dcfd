using System.Buffers;
using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Merge;

/// <summary>The rows of the journal that belong to one archive.</summary>
internal sealed class JournalShare(JournalSnapshot journal, int index, long epoch, int count)
{
    // Every part goes through the journal once more, and is in memory as a whole.
    private const int PartBytes = 4 << 20;

    private readonly List<JournalRow> _rows = new(count);

    /// <summary>The archive's place in the list.</summary>
    internal int Index => index;

    /// <summary>In the order of the journal.</summary>
    internal IReadOnlyList<JournalRow> Rows => _rows;

    internal long Newest { get; private set; } = long.MinValue;

    internal long Oldest { get; private set; } = long.MaxValue;

    /// <summary>Rows that are older than the archive's own bound.</summary>
    internal int RowsBelow { get; private set; }

    /// <summary>Divides the journal, newest archive first.</summary>
    internal static IEnumerable<JournalShare> Of(JournalSnapshot journal, ArchiveList list)
    {
        int[] counts = new int[list.Names.Count];
        foreach (JournalRow row in journal.AllRows)
            counts[list.OwnerOf(row.Start)]++;
        JournalShare[] shares = [.. counts.Select((count, index) => new JournalShare(journal, index, list.Names[index].Epoch, count))];
        foreach (JournalRow row in journal.AllRows)
            shares[list.OwnerOf(row.Start)].Add(row);
        return shares.Where(share => share._rows.Count > 0);
    }

    /// <summary>The rows in order.</summary>
    internal SortedLines Read() =>
        journal.HasLines ? journal.Lines.Between(Newest, Oldest) : JournalReader.Pick(journal.File!, _rows, new byte[_rows.Sum(row => row.Length)]);

    /// <summary>The rows in order, in parts of bounded size (that of one second at least), each valid until the next one is asked for.</summary>
    internal IEnumerable<SortedLines> ReadParts(int partBytes = PartBytes)
    {
        if (journal.HasLines)
        {
            yield return journal.Lines.Between(Newest, Oldest);
            yield break;
        }

        List<Stretch> parts = Divide(partBytes);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(parts.Max(part => part.Bytes));
        try
        {
            foreach (Stretch part in parts)
                yield return JournalReader.Pick(journal.File!, parts.Count == 1 ? _rows : _rows.FindAll(row => part.Has(row.Start)), bytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Spans of start times, newest first, with lines of so many bytes in each at most, if they are of more than one second. Versions of one task stay together: they began at the same time.</summary>
    private List<Stretch> Divide(int partBytes)
    {
        long total = _rows.Sum(row => (long)row.Length);
        if (total <= partBytes)
            return [new Stretch((uint)Newest, (uint)Oldest, (int)total)];

        // Newest first, and beside each start the length of its line.
        ulong[] keys = [.. _rows.Select(row => ((ulong)(uint.MaxValue - row.Start) << 32) | (uint)row.Length)];
        Array.Sort(keys);
        var parts = new List<Stretch>();
        foreach (ulong key in keys)
        {
            uint start = uint.MaxValue - (uint)(key >> 32);
            int length = (int)(uint)key;
            if (parts is [.., var last] && (last.Bytes + length <= partBytes || last.Oldest == start))
                parts[^1] = last with { Oldest = start, Bytes = last.Bytes + length };
            else
                parts.Add(new Stretch(start, start, length));
        }

        return parts;
    }

    private void Add(JournalRow row)
    {
        _rows.Add(row);
        Newest = Math.Max(Newest, row.Start);
        Oldest = Math.Min(Oldest, row.Start);
        if (row.Start < epoch)
            RowsBelow++;
    }

    private readonly record struct Stretch(uint Newest, uint Oldest, int Bytes)
    {
        internal bool Has(uint start) => start <= Newest && start >= Oldest;
    }
}
