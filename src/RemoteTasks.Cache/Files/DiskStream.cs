using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Files;

/// <summary>An open file, up to a length fixed at the start, as a stream for reading. The file stays its opener's.</summary>
internal sealed class DiskStream(IDiskFile file, long length) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        int count = (int)Math.Min(buffer.Length, Math.Max(0, length - Position));
        int read = ReadSome(buffer[..count]);
        Position += read;
        return read;
    }

    /// <summary>All of it, or what lies before a bad sector.</summary>
    private int ReadSome(Span<byte> buffer)
    {
        int sector = (int)(SalvageFile.PieceBytes - (Position % SalvageFile.PieceBytes));
        try
        {
            return file.Read(Position, buffer);
        }
        catch (IOException) when (buffer.Length > sector)
        {
            return file.Read(Position, buffer[..sector]);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
