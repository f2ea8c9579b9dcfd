using System.Collections.Concurrent;
using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// Gets the tasks of rows: from columns, or with their lines. Lines come by blocks where the archive has them; else by reading the file forwards, so ask in ascending order. One thread.
/// </summary>
internal sealed class RowReader(ArchiveIndex archive) : IDisposable
{
    private readonly LineParser _parser = new();
    private readonly List<Damage> _damage = [];
    private ArchiveSource? _forward;
    private RowView? _view;
    private DecodedBlock? _scratch;
    private DecodedBlock? _decoded;
    private int _block = -1;
    private int _forwardRow = -1;

    internal ArchiveIndex Archive => archive;

    /// <summary>The task of a row, valid until the next call, without its line where columns tell everything else.</summary>
    /// <exception cref="CacheException">It can no longer be read: <see cref="CacheError.WentBad"/>.</exception>
    internal TaskLine View(int row) => (_view ??= new RowView(archive.Columns)).TryRead(row, out TaskLine line) ? line : Read(row);

    /// <summary>The line of a row, valid until the next call.</summary>
    /// <exception cref="CacheException">It can no longer be read: <see cref="CacheError.WentBad"/>.</exception>
    internal TaskLine Read(int row) =>
        TryRead(row, out TaskLine line) && line.StartTime == archive.Columns.StartOf(row) ? line : throw archive.GoneBad(row);

    private bool TryRead(int row, out TaskLine line)
    {
        line = default;
        if (!archive.HasBlocks)
            return TryReadForward(row, out line);
        int block = archive.BlockOf(row);
        if (block != _block)
        {
            _decoded = archive.Decode(block, _scratch ??= Scratch.Rent());
            _block = block;
        }

        int index = row - archive.RowsOf(block).From;
        return _decoded is not null && index < _decoded.Lines && _parser.TryParse(_decoded[index], out line, out _);
    }

    public void Dispose()
    {
        _forward?.Dispose();
        _decoded = null;
        _block = -1;
        if (_scratch is not null)
            Scratch.Return(_scratch);
        _scratch = null;
    }

    private bool TryReadForward(int row, out TaskLine line)
    {
        if (_forward is null || row < _forwardRow)
        {
            _forward?.Dispose();
            _damage.Clear();
            _forward = new ArchiveSource(archive.File, archive.Name, default, _damage);
            _forwardRow = -1;
        }

        Leap(row);
        while (_forwardRow < row && _forward.MoveNext())
            _forwardRow++;

        // Behind what cannot be read any more, rows are others than they were.
        bool isThere = _forwardRow == row && _damage.Count <= archive.Damage.Count;
        line = isThere ? _forward.Current : default;
        return isThere;
    }

    /// <summary>In a file without damage a start time can be found without reading all before it.</summary>
    private void Leap(int row)
    {
        const int NearRows = 1000;
        if (archive.Damage.Count > 0 || row - _forwardRow < NearRows)
            return;
        long start = archive.Columns.StartOf(row);
        int first = archive.Columns.FirstNotAfter(start);
        if (first <= _forwardRow)
            return;
        _forward!.SkipTo(start);
        _forwardRow = first - 1;
    }

    /// <summary>Memory for one block, for whoever reads next.</summary>
    private static class Scratch
    {
        private const int Max = 16;

        private static readonly ConcurrentBag<DecodedBlock> Free = [];

        internal static DecodedBlock Rent() => Free.TryTake(out DecodedBlock? block) ? block : new DecodedBlock();

        internal static void Return(DecodedBlock block)
        {
            if (Free.Count < Max)
                Free.Add(block);
        }
    }
}
