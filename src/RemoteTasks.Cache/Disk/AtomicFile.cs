using System.Buffers;

namespace RemoteTasks.Cache.Disk;

/// <summary>
/// A file that appears whole or not at all, the only way the engine makes or replaces one: write a temporary file in
/// the same directory, sync it, rename it into place, sync the directory.
/// <para>A crash leaves the old file, the new one, or a temporary file besides, which the next writer removes.</para>
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private const int BufferBytes = 256 << 10;

    private const int SendOffBytes = 1 << 20;

    private readonly IDisk _disk;
    private readonly string _directory;
    private readonly string _temporaryPath;
    private readonly IDiskFile _file;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private long _sent;
    private int _buffered;
    private bool _closed;
    private bool _placed;

    internal AtomicFile(IDisk disk, string directory)
    {
        _disk = disk;
        _directory = directory;
        _temporaryPath = Path.Combine(directory, $"{Random.Shared.NextInt64():x16}{Files.FileNames.TemporarySuffix}");
        _file = disk.Create(_temporaryPath);
    }

    /// <summary>Bytes written so far.</summary>
    internal long Length { get; private set; }

    /// <summary>The file as it was when it was synced; null before.</summary>
    internal FileStamp? Synced { get; private set; }

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        if (_buffered + bytes.Length > _buffer.Length)
            Flush();
        if (bytes.Length >= _buffer.Length)
        {
            _file.Write(Length, bytes);
        }
        else
        {
            bytes.CopyTo(_buffer.AsSpan(_buffered));
            _buffered += bytes.Length;
        }

        Length += bytes.Length;
    }

    /// <summary>Lets the disk work on what was written, while the rest is being made.</summary>
    /// <param name="bytesMin">Less than that is not worth a call.</param>
    internal void SendOff(long bytesMin = SendOffBytes)
    {
        if (Length - _sent < bytesMin)
            return;
        Flush();
        _file.SendOff(_sent, Length - _sent);
        _sent = Length;
    }

    /// <summary>Ends the writing: the content is durable under its temporary name.</summary>
    internal void Sync()
    {
        Flush();
        _file.Sync();
        Synced = _file.Stamp;
        _file.Dispose();
        _closed = true;
    }

    /// <summary>Ends the writing of a file that may be lost or torn in a crash, because its reader finds out and makes it anew.</summary>
    internal void CloseUnsynced()
    {
        Flush();
        _file.Dispose();
        _closed = true;
    }

    /// <summary>Opens the synced file under its temporary name, to verify it before it replaces anything.</summary>
    internal IDiskFile OpenWritten() => _disk.OpenRead(_temporaryPath) ?? throw new FileNotFoundException("The file that was just written is gone.", _temporaryPath);

    /// <summary>Gives the file its name. Durable after the directory is synced, which the caller does once for several files.</summary>
    internal void Place(string name)
    {
        if (!_closed)
            throw new InvalidOperationException("An atomic file is placed only after it has been ended.");
        _disk.Rename(_temporaryPath, Path.Combine(_directory, name));
        _placed = true;
    }

    /// <summary>
    /// The same for a file that was not synced. The old one goes first: where one file replaces another, file systems bring the new one's bytes to the
    /// disk before they say that the directory is durable, which is care that it does not need.
    /// </summary>
    internal void PlaceAnew(string name)
    {
        _disk.Delete(Path.Combine(_directory, name));
        Place(name);
    }

    /// <summary>Replaces a small file in one go; returns when it is durable.</summary>
    internal static void Replace(IDisk disk, string directory, string name, ReadOnlySpan<byte> content)
    {
        using var file = new AtomicFile(disk, directory);
        file.Append(content);
        file.Sync();
        file.Place(name);
        disk.SyncDirectory(directory);
    }

    public void Dispose()
    {
        if (!_closed)
            _file.Dispose();
        if (!_placed)
            Remove();
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _closed = _placed = true;
    }

    private void Remove()
    {
        try
        {
            _disk.Delete(_temporaryPath);
        }
        catch (IOException)
        {
            // The next writer removes it; what went wrong before is what counts.
        }
    }

    private void Flush()
    {
        if (_buffered > 0)
            _file.Write(Length - _buffered, _buffer.AsSpan(0, _buffered));
        _buffered = 0;
    }
}
