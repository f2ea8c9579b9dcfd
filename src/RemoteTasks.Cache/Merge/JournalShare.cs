using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Merge;

/// <summary>The rows of the journal that belong to one archive.</summary>
internal sealed class JournalShare(JournalSnapshot journal, int index, long epoch)
{
    private readonly List<JournalRow> _rows = [];

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
        var shares = new JournalShare?[list.Names.Count];
        foreach (JournalRow row in journal.AllRows)
        {
            int index = list.OwnerOf(row.Start);
            (shares[index] ??= new JournalShare(journal, index, list.Names[index].Epoch)).Add(row);
        }

        return shares.OfType<JournalShare>();
    }

    /// <summary>Reads the rows and puts them in order.</summary>
    internal SortedLines Read() => JournalReader.Pick(journal.File!, _rows);

    private void Add(JournalRow row)
    {
        _rows.Add(row);
        Newest = Math.Max(Newest, row.Start);
        Oldest = Math.Min(Oldest, row.Start);
        if (row.Start < epoch)
            RowsBelow++;
    }
}
