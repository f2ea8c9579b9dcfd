using System.Buffers.Binary;
using System.IO.Hashing;
using RemoteTasks.Cache;
using static RemoteTasks.Fuzz.BrokenInvariantException;

namespace RemoteTasks.Fuzz.Targets;

/// <summary>
/// The index beside a compressed archive. The first byte says how it is changed: 0: the rest takes its place; 1: bytes are changed, each by place u16 and
/// value u8; 2: the same, and then all sums are made right; 3: the same with places in the heads of sections only.
/// <para>Invariants checked: an index with a wrong sum changes no answer. One with right sums and wrong content may give wrong answers, as a wrong archive
/// may, or a refusal, but nothing worse.</para>
/// </summary>
internal static class IndexTarget
{
    private const string Index = "/hostile/archive.0.idx";
    private const string Archive = "/hostile/archive.0.zst";
    private const int HeaderBytes = 64;
    private const int HeadBytes = 24;

    private static readonly Dictionary<string, byte[]> Whole = SampleTasks.CompressedCache();
    private static readonly string[] Truth = Cache(Whole[Index]).Rows(out _);

    internal static void Run(byte[] input)
    {
        if (input.Length == 0)
            return;
        byte how = input[0];
        byte[] index = how == 0 ? input[1..] : Changed(Whole[Index], input.AsSpan(1), how == 3 ? HeaderBytes + (17 * HeadBytes) : int.MaxValue);
        if (how < 2)
        {
            HostileCache cache = Cache(index);
            string[] rows = cache.Rows(out IReadOnlyCollection<Damage> damage);
            ThrowUnless(rows.SequenceEqual(Truth) && damage.Count == 0, "an index with a wrong sum changes the answer");
            return;
        }

        Seal(index);
        try
        {
            using CacheReader reader = Cache(index).Cache.Read();
            TaskPage page = reader.List(new TaskQuery { Limit = 0 });
            reader.List(new TaskQuery { Limit = 0, Text = "n1" });
            reader.List(new TaskQuery { Limit = 3, Start = 2, Errors = true });
            reader.Statistics(new TaskQuery { Guest = 100 });
            foreach (TaskRow row in page.Rows.Where(row => RemoteUpid.TryParse(row.Upid, out _, out string? _)).Take(3))
                reader.Find(row.Upid);
            reader.Find("pve:pve-1!UPID:n1:00000001:00000002:00000003:t::u:");
        }
        catch (CacheException error) when (error.Error == CacheError.WentBad)
        {
            // Refused, as it should be.
        }
    }

    private static HostileCache Cache(byte[] index) => new((Path.GetFileName(Index), index), (Path.GetFileName(Archive), Whole[Archive]));

    private static byte[] Changed(byte[] whole, ReadOnlySpan<byte> changes, int end)
    {
        byte[] index = [.. whole];
        for (; changes.Length >= 3; changes = changes[3..])
            index[BinaryPrimitives.ReadUInt16LittleEndian(changes) % Math.Min(end, index.Length)] = changes[2];
        return index;
    }

    private static void Seal(byte[] index)
    {
        Span<byte> heads = index.AsSpan(HeaderBytes, 17 * HeadBytes);
        for (; !heads.IsEmpty; heads = heads[HeadBytes..])
        {
            long offset = BinaryPrimitives.ReadInt64LittleEndian(heads);
            long length = BinaryPrimitives.ReadInt64LittleEndian(heads[8..]);
            if (offset >= 0 && length >= 0 && offset <= index.Length && length <= index.Length - offset)
                BinaryPrimitives.WriteUInt64LittleEndian(heads[16..], XxHash3.HashToUInt64(index.AsSpan((int)offset, (int)length)));
        }

        // What binds it to its archive stays as it was.
        Whole[Index].AsSpan(0, 8).CopyTo(index);
        Whole[Index].AsSpan(16, 24).CopyTo(index.AsSpan(16));
        BinaryPrimitives.WriteUInt64LittleEndian(index.AsSpan(40), XxHash3.HashToUInt64(index.AsSpan(HeaderBytes, 17 * HeadBytes)));
        BinaryPrimitives.WriteUInt64LittleEndian(index.AsSpan(48), XxHash3.HashToUInt64(index.AsSpan(0, 48)));
    }
}
