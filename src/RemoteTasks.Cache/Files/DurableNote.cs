using System.Buffers.Binary;
using System.IO.Hashing;
using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// A note from one process to the next: which file is the journal, how it begins, and up to where the disk has confirmed it. A process that was killed, or
/// whose sync failed, leaves a journal that the kernel shows and the disk may not have; a sync that comes later may say yes to bytes that were lost.
/// <para>
/// The note is never synced. After a power failure it may be anything: it then makes the journal be written anew without need, or speaks of a journal that
/// was read from the disk, which is as durable as it can be. Until then it is right, and shows when somebody cut the journal.
/// </para>
/// </summary>
internal sealed class DurableNote(IDisk disk, string directory)
{
    private const int BootBytes = 16;
    private const int HeadAt = BootBytes + 24;
    private const int SumAt = HeadAt + 8;
    private const int Bytes = SumAt + 8;

    // Longer than any line's beginning that many lines share, shorter than any line.
    private const int HeadBytes = 64;

    private readonly string _path = Path.Combine(directory, FileNames.Durable);

    /// <summary>Whether the journal is what was noted.</summary>
    internal bool Says(FileIdentity identity, long length)
    {
        Span<byte> expected = stackalloc byte[Bytes];
        Fill(expected, default, identity, length, head: 0);
        Span<byte> found = stackalloc byte[Bytes];
        return TryRead(found) && found[BootBytes..HeadAt].SequenceEqual(expected[BootBytes..HeadAt]);
    }

    /// <summary>What was confirmed, in this life of the kernel, of a file that is the journal; nothing when it is not known.</summary>
    internal ConfirmedBytes ConfirmedOf(IDiskFile file)
    {
        Span<byte> found = stackalloc byte[Bytes];
        if (!TryRead(found))
            return default;
        Span<byte> expected = stackalloc byte[Bytes];
        long length = BinaryPrimitives.ReadInt64LittleEndian(found[(HeadAt - 8)..]);
        Fill(expected, disk.Boot, file.Identity, length, HeadOf(file));
        return found[..HeadAt].SequenceEqual(expected[..HeadAt]) ? new ConfirmedBytes(length, found.SequenceEqual(expected)) : default;
    }

    /// <summary>The disk has confirmed the journal.</summary>
    internal void Write(IDiskFile journal, long length)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        Fill(bytes, disk.Boot, journal.Identity, length, HeadOf(journal));
        Write(bytes);
    }

    /// <summary>Nothing is known any more; to be called before the journal is changed.</summary>
    internal void Clear() => Write(stackalloc byte[Bytes]);

    private bool TryRead(Span<byte> bytes)
    {
        try
        {
            using IDiskFile? file = disk.OpenRead(_path);
            return file is not null && file.Read(0, bytes) == Bytes && BinaryPrimitives.ReadUInt64LittleEndian(bytes[SumAt..]) == XxHash3.HashToUInt64(bytes[..SumAt]);
        }
        catch (IOException)
        {
            // What the disk does not give says nothing.
            return false;
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            using IDiskFile file = disk.Stamp(_path) is null ? disk.Create(_path) : disk.OpenWrite(_path);
            file.Write(0, bytes);
        }
        catch (IOException)
        {
            // A part of a sector that cannot be read cannot be written either: the next file lies elsewhere.
            disk.Delete(_path);
            using IDiskFile file = disk.Create(_path);
            file.Write(0, bytes);
        }
    }

    private static void Fill(Span<byte> bytes, Guid boot, FileIdentity identity, long length, ulong head)
    {
        boot.TryWriteBytes(bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[BootBytes..], identity.Device);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[(BootBytes + 8)..], identity.Inode);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[(BootBytes + 16)..], length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[HeadAt..], head);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[SumAt..], XxHash3.HashToUInt64(bytes[..SumAt]));
    }

    private static ulong HeadOf(IDiskFile file)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        return XxHash3.HashToUInt64(head[..file.Read(0, head)]);
    }
}

/// <summary>What the disk had confirmed of a file.</summary>
/// <param name="Count">So many bytes from its beginning.</param>
/// <param name="BeginsTheSame">Whether the file still begins as it did then.</param>
internal readonly record struct ConfirmedBytes(long Count, bool BeginsTheSame);
