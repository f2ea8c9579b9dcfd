using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Merge;

/// <summary>The rows of the journal that belong to one archive.</summary>
internal sealed class JournalShare(JournalSnapshot journal, int index, long epoch, int count)
{
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

    /// <summary>Bytes to be read: all lines together, none when they are in memory.</summary>
    internal int Bytes => journal.HasLines ? 0 : checked((int)_rows.Sum(row => (long)row.Length));

    /// <summary>The rows in order.</summary>
    internal SortedLines Read() => Read(new byte[Bytes]);

    /// <summary>The same, read into memory of the caller's, which is the lines' for as long as they are used.</summary>
    internal SortedLines Read(byte[] lines) =>
        journal.HasLines ? journal.Lines.Between(Newest, Oldest) : JournalReader.Pick(journal.File!, _rows, lines);

    private void Add(JournalRow row)
    {
        _rows.Add(row);
        Newest = Math.Max(Newest, row.Start);
        Oldest = Math.Min(Oldest, row.Start);
        if (row.Start < epoch)
            RowsBelow++;
    }
}
