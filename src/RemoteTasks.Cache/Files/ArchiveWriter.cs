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
    private readonly IndexBuilder _index = new();
    private readonly XxHash128 _digest = new();
    private byte[] _lines = new byte[Limits.BlockBytesMax + 4096];
    private byte[] _frame = [];
    private int _length;
    private int _blockLines;

    internal ArchiveWriter(IDisk disk, string directory, bool compressed)
    {
        _file = new AtomicFile(disk, directory);
        if (!compressed)
            return;
        _indexFile = new AtomicFile(disk, directory);
        _compressor = new Compressor(Limits.CompressionLevel);
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_contentSizeFlag, 1);
    }

    /// <summary>Lines written so far.</summary>
    internal long Lines { get; private set; }

    /// <summary>Bytes in the file; final once it is synced.</summary>
    internal long Bytes => _file.Length;

    /// <summary>A line as it is written today: the older form of the UPID gets the kind of its remote.</summary>
    internal static ReadOnlySpan<byte> Encode(in TaskLine line) =>
        line.IsOldForm ? LineWriter.WithUpid(line, line.Upid.Span) : line.Bytes.Span;

    internal void Write(in TaskLine line)
    {
        ReadOnlySpan<byte> bytes = Encode(line);
        if (_blockLines == Limits.BlockLinesMax || (_blockLines > 0 && _length + bytes.Length + 1 > Limits.BlockBytesMax))
            EndBlock();
        if (_indexFile is not null)
        {
            if (_blockLines == 0)
                _index.BeginBlock();
            _index.Add(line);
        }

        if (_lines.Length < bytes.Length + 1)
            _lines = new byte[bytes.Length + 1];
        bytes.CopyTo(_lines.AsSpan(_length));
        _length += bytes.Length;
        _lines[_length++] = (byte)'\n';
        _blockLines++;
        Lines++;
    }

    /// <summary>Ends the file; it is durable, under its temporary name.</summary>
    internal void Sync()
    {
        EndBlock();
        if (_compressor is not null)
            Append(_table.ToBytes());
        _file.Sync();
        if (_indexFile is null)
            return;
        IndexFile.Write(_index.Build(), _file.Length, _digest.GetCurrentHashAsUInt128(), _indexFile);
        _indexFile.CloseUnsynced();
    }

    /// <summary>Opens the synced file, to read it again before it is put in place.</summary>
    internal IDiskFile OpenWritten() => _file.OpenWritten();

    /// <summary>Gives the file and its index their names; the caller syncs the directory.</summary>
    internal void Place(ArchiveName name)
    {
        _file.Place(name.ToString());
        _indexFile?.Place(IndexFile.NameOf(name.Epoch));
    }

    public void Dispose()
    {
        _compressor?.Dispose();
        _file.Dispose();
        _indexFile?.Dispose();
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _file.Append(bytes);
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
                int bound = Compressor.GetCompressBound(_length);
                if (_frame.Length < bound)
                    _frame = new byte[bound];
                int compressed = _compressor.Wrap(lines, _frame);
                Append(_frame.AsSpan(0, compressed));
                _table.Add(compressed, _length);
            }
        }

        _length = _blockLines = 0;
    }
}
