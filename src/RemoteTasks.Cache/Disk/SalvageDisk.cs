using System.Buffers;
using System.Collections.Concurrent;

namespace RemoteTasks.Cache.Disk;

/// <summary>
/// A disk for those who had rather have what is left of a file of lines than nothing: what cannot be read of it reads as a line that nobody understands. So a
/// bad sector is damage like any other, and costs the lines in it. A read that failed is tried once more, piece by piece.
/// <para>
/// Only for who reports damage, and keeps the file when he replaces it: what cannot be read now may be readable the next time. Of compressed files and indexes
/// nothing is made up: whoever reads them does so block by block, and a frame without a sum would decode to something else.
/// </para>
/// </summary>
internal sealed class SalvageDisk(IDisk disk) : IDisk
{
    public Guid Boot => disk.Boot;

    public IDiskFile? OpenRead(string path) => disk.OpenRead(path) is { } file ? Wrap(file, path) : null;

    public FileStamp? Stamp(string path) => disk.Stamp(path);

    public IDiskFile OpenWrite(string path) => Wrap(disk.OpenWrite(path), path);

    public IDiskFile Create(string path) => disk.Create(path);

    public void Rename(string source, string target) => disk.Rename(source, target);

    public void Link(string source, string target) => disk.Link(source, target);

    public void Delete(string path) => disk.Delete(path);

    public void SyncDirectory(string path) => disk.SyncDirectory(path);

    public void CreateDirectory(string path) => disk.CreateDirectory(path);

    public IReadOnlyList<string> List(string path) => disk.List(path);

    public IDiskLock OpenLock(string path) => disk.OpenLock(path);

    /// <summary>An open file as this disk gives it.</summary>
    internal static IDiskFile Wrap(IDiskFile file, string path) =>
        file as SalvageFile ?? new SalvageFile(file, hasLines: Path.GetExtension(path) is not (".zst" or ".idx"));
}

/// <summary>A file that is read again where that failed, and of whose lines those that still cannot be read are nothing that anyone understands. Safe to read from several threads.</summary>
internal sealed class SalvageFile(IDiskFile onDisk, bool hasLines) : IDiskFile
{
    // What disks and file systems lose at once.
    internal const int PieceBytes = 4096;
    private const int LookBytes = 256 << 10;

    // A disk of which more is gone than this has no bad sector: it is not there.
    private const int PiecesMax = 256;

    private readonly IDiskFile _onDisk = onDisk;
    private readonly ConcurrentDictionary<long, bool> _lost = [];

    /// <summary>Whether something could not be read, and was made up.</summary>
    internal bool HasMadeUp => !_lost.IsEmpty;

    public FileIdentity Identity => _onDisk.Identity;

    public long Length => _onDisk.Length;

    public FileStamp Stamp => _onDisk.Stamp;

    /// <inheritdoc/>
    /// <exception cref="IOException">Much cannot be read, or what is no line.</exception>
    public int Read(long offset, Span<byte> buffer)
    {
        try
        {
            return _onDisk.Read(offset, buffer);
        }
        catch (IOException)
        {
            return ReadPieces(offset, buffer[..(int)Math.Clamp(_onDisk.Length - offset, 0, buffer.Length)]);
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes) => _onDisk.Write(offset, bytes);

    public void SendOff(long offset, long count) => _onDisk.SendOff(offset, count);

    public void SetLength(long length) => _onDisk.SetLength(length);

    public void Sync() => _onDisk.Sync();

    public void Dispose() => _onDisk.Dispose();

    /// <summary>Where the disk does not give a file, from an offset on; null when it gives all of it now.</summary>
    internal static long? FirstUnreadable(IDiskFile file, long offset)
    {
        IDiskFile under = (file as SalvageFile)?._onDisk ?? file;
        byte[] piece = ArrayPool<byte>.Shared.Rent(LookBytes);
        try
        {
            for (int read; (read = under.Read(offset, piece)) > 0; offset += read)
            {
            }

            return null;
        }
        catch (IOException)
        {
            return offset;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>Lines that end before a piece, or begin behind it, are whole. Of what is between it gives the same, in whatever portions it is asked for.</summary>
    private static void Fill(Span<byte> bytes, long offset, long length)
    {
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (offset + i) % PieceBytes is 0 or PieceBytes - 1 || offset + i == length - 1 ? (byte)'\n' : (byte)0;
    }

    private int ReadPieces(long offset, Span<byte> buffer)
    {
        int total = 0;
        while (total < buffer.Length)
        {
            long at = offset + total;
            Span<byte> piece = buffer.Slice(total, (int)Math.Min(PieceBytes - (at % PieceBytes), buffer.Length - total));
            int read = ReadPiece(at, piece);
            total += read;
            if (read < piece.Length)
                break;
        }

        return total;
    }

    private int ReadPiece(long offset, Span<byte> piece)
    {
        try
        {
            return _onDisk.Read(offset, piece);
        }
        catch (IOException) when (hasLines)
        {
            _lost[offset / PieceBytes] = true;
            if (_lost.Count > PiecesMax)
                throw;
            Fill(piece, offset, _onDisk.Length);
            return piece.Length;
        }
    }
}
