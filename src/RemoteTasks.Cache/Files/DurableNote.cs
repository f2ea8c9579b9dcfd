using System.Buffers.Binary;
using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// A note from one process to the next: which file is the journal, and up to where the disk has confirmed it. A process that was killed, or whose sync failed,
/// leaves a journal that the kernel shows and the disk may not have; a sync that comes later may say yes to bytes that were lost.
/// <para>
/// The note is never synced. After a power failure it may be anything: it then makes the journal be written anew without need, or speaks of a journal that
/// was read from the disk, which is as durable as it can be.
/// </para>
/// </summary>
internal sealed class DurableNote(IDisk disk, string directory)
{
    private const int Bytes = 24;

    private readonly string _path = Path.Combine(directory, FileNames.Durable);

    /// <summary>Whether the journal is what was noted.</summary>
    internal bool Says(FileIdentity identity, long length)
    {
        using IDiskFile? file = disk.OpenRead(_path);
        Span<byte> found = stackalloc byte[Bytes];
        Span<byte> expected = stackalloc byte[Bytes];
        Fill(expected, identity, length);
        return file is not null && file.Read(0, found) == Bytes && found.SequenceEqual(expected);
    }

    /// <summary>The disk has confirmed the journal.</summary>
    internal void Write(FileIdentity identity, long length)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        Fill(bytes, identity, length);
        Write(bytes);
    }

    /// <summary>Nothing is known any more; to be called before the journal is changed.</summary>
    internal void Clear() => Write(stackalloc byte[Bytes]);

    private void Write(ReadOnlySpan<byte> bytes)
    {
        using IDiskFile file = disk.Stamp(_path) is null ? disk.Create(_path) : disk.OpenWrite(_path);
        file.Write(0, bytes);
    }

    private static void Fill(Span<byte> bytes, FileIdentity identity, long length)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, identity.Device);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], identity.Inode);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], length);
    }
}
