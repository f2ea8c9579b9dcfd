using System.Buffers;
using System.IO.Hashing;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Index;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// Writes an archive: lines in order, plain, or as zstd frames of whole lines with a content checksum each and the seek table
/// behind them, and the index beside it. Memory: one block, and the index, some 16 bytes a line.
/// <para>A crash leaves the file as it was before, and a temporary one: see <see cref="AtomicFile"/>.</para>
/// </summary>
internal sealed class ArchiveWriter : IDisposable
{
    private readonly AtomicFile _file;
    private readonly Compressor? _compressor;
    private readonly SeekTable _table = new();
    private readonly AtomicFile? _indexFile;
    private IndexBuilder _index;
    private readonly SealedFileWriter? _seals;
    private readonly XxHash128 _digest = new();
    private byte[] _lines = ArrayPool<byte>.Shared.Rent(Limits.BlockBytesMax + 4096);
    private byte[] _frame = [];
    private int _length;
    private int _blockLines;

    /// <param name="disk">Where.</param>
    /// <param name="directory">The cache.</param>
    /// <param name="compressed">Whether to compress.</param>
    /// <param name="from">The columns of the archive whose blocks and lines will be taken over, if any.</param>
    /// <param name="more">How many lines will come to them, as far as that is known.</param>
    internal ArchiveWriter(IDisk disk, string directory, bool compressed, ArchiveColumns? from = null, int more = 0)
    {
        _index = new IndexBuilder(from, more);
        _file = new AtomicFile(disk, directory);
        if (!compressed)
        {
            _seals = new SealedFileWriter();
            return;
        }

        _indexFile = new AtomicFile(disk, directory);
        _compressor = new Compressor(Limits.CompressionLevel);
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_contentSizeFlag, 1);
        Append(SeekTable.Head);
        _table.AddHead();
    }

    /// <summary>Lines written so far.</summary>
    internal long Lines { get; private set; }

    /// <summary>Bytes in the file; final once it is synced.</summary>
    internal long Bytes => _file.Length;

    /// <summary>The index of the file, once that is synced; null when it has none, or was forgotten.</summary>
    internal FreshIndex? Written { get; private set; }

    /// <summary>Gives the memory of the index back, which is in its file.</summary>
    internal void ForgetIndex() => (Written, _index) = (null, new IndexBuilder());

    /// <summary>A line as it is written today: the older form of the UPID gets the kind of its remote.</summary>
    internal static ReadOnlySpan<byte> Encode(in TaskLine line) =>
        line.IsOldForm ? LineWriter.WithUpid(line, line.Upid.Span) : line.Bytes.Span;

    internal void Write(in TaskLine line)
    {
        ReadOnlySpan<byte> bytes = Encode(line);
        if (_blockLines >= Limits.BlockLinesMax || (_blockLines > 0 && _length + bytes.Length + 1 > Limits.BlockBytesMax))
            EndBlock();
        if (_indexFile is not null)
        {
            if (_blockLines == 0)
                _index.BeginBlock();
            _index.Add(line);
        }

        _blockLines++;
        Lines++;
        if (_seals is not null)
        {
            Keep(_seals.Next(bytes));
            return;
        }

        Keep(bytes);
        Keep("\n"u8);
    }

    /// <summary>Whether a block may end here: blocks much smaller than the others would accumulate.</summary>
    internal bool MayEndBlock => _blockLines == 0 || _blockLines >= Limits.BlockLinesMax / 2;

    /// <summary>Takes over a whole block as it is.</summary>
    /// <param name="frame">Its bytes in the file.</param>
    /// <param name="decompressed">Bytes of its lines.</param>
    /// <param name="source">Its columns.</param>
    /// <param name="from">Its first row.</param>
    /// <param name="to">The first row behind it.</param>
    internal void CopyBlock(ReadOnlySpan<byte> frame, int decompressed, ColumnData[] source, int from, int to)
    {
        EndBlock();
        _index.BeginBlock();
        _index.AddRows(source, from, to);
        Append(frame);
        _table.Add(frame.Length, decompressed);
        Lines += to - from;
    }

    /// <summary>Takes over some lines of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="line">The first of the lines.</param>
    /// <param name="count">How many.</param>
    /// <param name="source">Its columns.</param>
    /// <param name="row">The first line's row.</param>
    /// <param name="linesMax">How many lines a block may have with them.</param>
    internal void CopyLines(DecodedBlock block, int line, int count, ColumnData[] source, int row, int linesMax = Limits.BlockLinesMax)
    {
        while (count > 0)
        {
            int taken = Math.Min(count, Math.Max(0, linesMax - _blockLines));
            int start = block.EndOf(line);
            while (taken > 1 && _length + block.EndOf(line + taken) - start > Limits.BlockBytesMax)
                taken /= 2;
            int bytes = block.EndOf(line + Math.Max(1, taken)) - start;
            if (taken == 0 || (_blockLines > 0 && _length + bytes > Limits.BlockBytesMax))
            {
                EndBlock();
                continue;
            }

            if (_blockLines == 0)
                _index.BeginBlock();
            MakeRoom(bytes);
            block.Content.Span.Slice(start, bytes).CopyTo(_lines.AsSpan(_length));
            _length += bytes;
            _blockLines += taken;
            Lines += taken;
            _index.AddRows(source, row, row + taken);
            line += taken;
            row += taken;
            count -= taken;
        }
    }

    /// <summary>Ends the file; it is durable, under its temporary name.</summary>
    internal void Sync()
    {
        if (_seals is not null)
            Keep(_seals.Last());
        EndBlock();
        if (_compressor is not null)
            Append(_table.ToBytes());
        if (_indexFile is null)
        {
            _file.Sync();
            return;
        }

        // The disk works on the archive meanwhile.
        _file.SendOff(bytesMin: 1);
        IndexData index = _index.Build();
        UInt128 digest = _digest.GetCurrentHashAsUInt128();
        IndexFile.Write(index, _file.Length, digest, _indexFile);
        _indexFile.CloseUnsynced();
        _file.Sync();
        Written = new FreshIndex(_file.Synced!.Value, digest, index);
    }

    /// <summary>Opens the synced file, to read it again before it is put in place.</summary>
    internal IDiskFile OpenWritten() => _file.OpenWritten();

    /// <summary>Gives the file and its index their names; the caller syncs the directory.</summary>
    internal void Place(ArchiveName name)
    {
        _file.Place(name.ToString());
        _indexFile?.PlaceAnew(IndexFile.NameOf(name.Epoch));
    }

    public void Dispose()
    {
        _compressor?.Dispose();
        _file.Dispose();
        _indexFile?.Dispose();
        Lent.Return(ref _lines);
        Lent.Return(ref _frame);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        MakeRoom(bytes.Length);
        bytes.CopyTo(_lines.AsSpan(_length));
        _length += bytes.Length;
    }

    private void MakeRoom(int bytes) => Lent.Grow(ref _lines, _length, _length + bytes);

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _file.Append(bytes);
        _file.SendOff();
        if (_indexFile is not null)
            _digest.Append(bytes);
    }

    private void EndBlock()
    {
        if (_length > 0)
        {
            ReadOnlySpan<byte> lines = _lines.AsSpan(0, _length);
            if (_compressor is null)
            {
                Append(lines);
            }
            else
            {
                Lent.Grow(ref _frame, 0, Compressor.GetCompressBound(_length));
                int compressed = _compressor.Wrap(lines, _frame);
                Append(_frame.AsSpan(0, compressed));
                _table.Add(compressed, _length);
            }
        }

        _length = _blockLines = 0;
    }
}
