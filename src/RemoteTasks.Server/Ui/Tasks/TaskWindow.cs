using RemoteTasks.Cache;
using RemoteTasks.Server.Api;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.Ui.Tasks;

/// <summary>
/// The rows of a long list that a browser holds at the moment. While the list grows it stays with what is being read: rows that come in
/// above move all places down, and by how much is counted, so that the browser can follow.
/// </summary>
internal sealed class TaskWindow(TaskStore store, Freshness freshness)
{
    private const int RowsMax = 400;
    private const int RowsAtFirst = 60;

    private long _version;
    private long _top;
    private int _count = RowsAtFirst;

    // Of the rows that are here; the first that is wanted may be another already.
    private long _firstOfRows;

    internal TaskQuery Query { get; private set; } = new();

    /// <summary>Grows with each new question.</summary>
    internal int Generation { get; private set; }

    /// <summary>Rows that match in all.</summary>
    internal long Total { get; private set; }

    /// <summary>The place of the first row here.</summary>
    internal long First { get; private set; }

    /// <summary>By how many places what is read has moved down since the question was asked.</summary>
    internal long Shift { get; private set; }

    internal IReadOnlyList<TaskRow> Rows { get; private set; } = [];

    /// <summary>What the list cannot speak for.</summary>
    internal IReadOnlyList<UnknownPart> Unknown { get; private set; } = [];

    /// <summary>Asks something else; begins at the newest.</summary>
    internal void Ask(TaskQuery query)
    {
        Query = query;
        Generation++;
        (First, Shift, _top) = (0, 0, 0);
        Reading(Load);
    }

    /// <summary>Goes to other rows.</summary>
    /// <param name="first">The first that is wanted.</param>
    /// <param name="count">How many.</param>
    /// <param name="top">The one that is read: at the top of what is seen.</param>
    /// <param name="shift">The shift that these places were counted with.</param>
    internal void Show(long first, int count, long top, long shift)
    {
        _count = Math.Clamp(count, 1, RowsMax);
        // The very top is the newest, whatever has moved since somebody went there.
        long moved = top == 0 ? 0 : Shift - shift;
        _top = Math.Max(0, top + moved);
        First = Math.Max(0, first + moved);
        Reading(reader =>
        {
            Follow(reader);
            Load(reader);
        });
    }

    /// <summary>The place of the first task that did not begin after a time.</summary>
    internal long PlaceAt(long time)
    {
        using CacheReader reader = store.Cache.Read();
        return ListPlace.Newer(reader, Query, time);
    }

    /// <summary>Reads again; false when nothing has changed.</summary>
    internal bool Refresh()
    {
        bool isChanged = false;
        Reading(reader =>
        {
            isChanged = reader.Version != _version;
            if (!isChanged)
                return;
            Follow(reader);
            Load(reader);
        });
        return isChanged;
    }

    /// <summary>What went bad is known at the second time, and left out.</summary>
    private void Reading(Action<CacheReader> read)
    {
        try
        {
            using CacheReader reader = store.Cache.Read();
            read(reader);
        }
        catch (CacheException error) when (error.Error == CacheError.WentBad)
        {
            using CacheReader reader = store.Cache.Read();
            read(reader);
        }
    }

    private void Load(CacheReader reader)
    {
        using TaskListing listing = reader.Stream(Query with { Start = First, Limit = _count });
        Total = listing.Total;
        if (First >= Total && Total > 0)
        {
            First = Math.Max(0, Total - _count);
            Load(reader);
            return;
        }

        Rows = [.. listing];
        _firstOfRows = First;
        Unknown = UnknownPart.Join(reader.Unknown(Query), reader.State, Query, freshness.Hiding);
        _version = reader.Version;
    }

    /// <summary>Finds what was read among the rows of now. Whoever is at the very top follows what is new instead.</summary>
    private void Follow(CacheReader reader)
    {
        if (_top == 0 || reader.Version == _version)
            return;

        // Those that are here and seen; where the first of them is gone, the one below it is what is read.
        for (int i = (int)Math.Clamp(_top - _firstOfRows, 0, Rows.Count); i < Rows.Count; i++)
        {
            if (ListPlace.Of(reader, Query, Rows[i]) is not { } place)
                continue;
            long moved = place - (_firstOfRows + i);
            Shift += moved;
            _top = Math.Max(1, _top + moved);
            First = Math.Max(0, First + moved);
            return;
        }
    }
}
