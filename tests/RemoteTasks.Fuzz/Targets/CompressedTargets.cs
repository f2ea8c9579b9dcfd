using System.Buffers.Binary;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Files;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace RemoteTasks.Fuzz.Targets;

/// <summary>
/// Compressed archives. Invariants checked: what is shown is a line that some frame in the bytes decodes to, by a reader of zstd that knows nothing of
/// blocks; it stays when the file is written anew.
/// </summary>
internal static class CompressedTargets
{
    private const int FramesMax = 32;
    private const int LinesMax = 10_000;
    private const int DecodedMax = 4 << 20;
    private const int Level = 1;
    private const uint SkippableMagic = 0x184D2A50;

    /// <summary>The bytes are the file.</summary>
    internal static void Raw(byte[] input)
    {
        var cache = new HostileCache(("archive.1000.zst", input));
        if (!TryDecode(input, out List<TaskLine> lines, out int bad))
        {
            // A file that is some thousand times larger than it seems: it is read, once, and that in time; unless it has very many lines, which take theirs.
            if (lines.Count + bad > LinesMax)
                return;
            using CacheReader reader = cache.Cache.Read();
            reader.List(new TaskQuery());
            return;
        }

        string[] rows = cache.Rows(out IReadOnlyCollection<Damage> damage);
        FileTargets.CheckRows(rows, lines, damage.Count > 0 ? damage : Told);
        cache.UseOn(rows);
    }

    /// <summary>The bytes say how to make the file: see <see cref="Make"/>.</summary>
    internal static void Recipe(byte[] input) => Raw(Make(input));

    // Without damage not every line of every frame must be shown: a file may hold frames that are part of no stream.
    private static IReadOnlyCollection<Damage> Told { get; } = [new("", 0, 0, 0, "")];

    /// <summary>
    /// A file by commands, each a letter: <c>F</c> length u16: a frame of the following bytes; <c>R</c> length u16: bytes as they are; <c>S</c> length
    /// u16: a skippable frame; <c>T</c>: the seek table of the frames so far; <c>D</c> entry u8, compressed i8, decompressed i8: the same with an entry
    /// changed; <c>Z</c>: a frame of zeros, 1 MiB. Anything else is passed over.
    /// </summary>
    internal static byte[] Make(byte[] recipe)
    {
        using var compressor = new Compressor(Level);
        compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        var file = new List<byte>();
        var frames = new List<(int Compressed, int Decompressed)>();
        int at = 0;
        while (at < recipe.Length && file.Count < FuzzTarget.BytesMax)
        {
            switch (recipe[at++])
            {
                case (byte)'F':
                    Frame(Taken());
                    break;
                case (byte)'Z':
                    Frame(new byte[1 << 20]);
                    break;
                case (byte)'R':
                    file.AddRange(Taken());
                    break;
                case (byte)'S':
                    ReadOnlySpan<byte> skipped = Taken();
                    file.AddRange(BitConverter.GetBytes(SkippableMagic));
                    file.AddRange(BitConverter.GetBytes(skipped.Length));
                    file.AddRange(skipped);
                    break;
                case (byte)'T':
                    Table();
                    break;
                case (byte)'D' when at + 3 <= recipe.Length && frames.Count > 0:
                    int entry = recipe[at] % frames.Count;
                    frames[entry] = (frames[entry].Compressed + (sbyte)recipe[at + 1], frames[entry].Decompressed + (sbyte)recipe[at + 2]);
                    at += 3;
                    Table();
                    break;
            }
        }

        return [.. file];

        ReadOnlySpan<byte> Taken()
        {
            int length = at + 2 <= recipe.Length ? BinaryPrimitives.ReadUInt16LittleEndian(recipe.AsSpan(at)) : 0;
            at = Math.Min(recipe.Length, at + 2);
            length = Math.Min(length, recipe.Length - at);
            at += length;
            return recipe.AsSpan(at - length, length);
        }

        void Frame(ReadOnlySpan<byte> content)
        {
            byte[] frame = compressor.Wrap(content).ToArray();
            frames.Add((frame.Length, content.Length));
            file.AddRange(frame);
        }

        void Table()
        {
            var table = new SeekTable();
            foreach ((int compressed, int decompressed) in frames)
                table.Add(compressed, decompressed);
            file.AddRange(table.ToBytes());
        }
    }

    /// <summary>Every line that any frame in the bytes may be decoded to, alone or with those that follow; false when that would be too much.</summary>
    private static bool TryDecode(byte[] input, out List<TaskLine> lines, out int bad)
    {
        lines = [];
        bad = 0;
        int left = DecodedMax;
        int frames = 0;
        for (int at = 0; at < input.Length; at++)
        {
            int next = input.AsSpan(at).IndexOf((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]);
            if (next < 0)
                return true;
            if (++frames > FramesMax)
                return false;
            at += next;

            // A seek table may cut the bytes into frames anywhere, so one that is whole may end where another one's bytes begin.
            foreach (byte[] decoded in (byte[][])[Decode(input.AsMemory(at), ref left), Whole(input, at)])
            {
                lines.AddRange(HostileCache.Lines(decoded, out int badHere));
                bad += badHere;
            }

            if (left <= 0)
                return false;
        }

        return true;
    }

    private static byte[] Decode(ReadOnlyMemory<byte> bytes, ref int left)
    {
        using var decoded = new MemoryStream();
        try
        {
            using var stream = new DecompressionStream(new MemoryStream(bytes.ToArray()), checkEndOfStream: false, leaveOpen: false);
            stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, Limits.WindowLogMax);
            byte[] piece = new byte[16 << 10];
            for (int read; left > 0 && (read = stream.Read(piece)) > 0; left -= read)
                decoded.Write(piece, 0, read);
        }
        catch (Exception error) when (error is ZstdException or EndOfStreamException)
        {
            // As far as it goes.
        }

        return decoded.ToArray();
    }

    /// <summary>The one frame that begins at a place, alone.</summary>
    private static unsafe byte[] Whole(byte[] input, int at)
    {
        fixed (byte* start = &input[at])
        {
            nuint length = Methods.ZSTD_findFrameCompressedSize(start, (nuint)(input.Length - at));
            if (length > (nuint)(input.Length - at))
                return [];
            try
            {
                using var decompressor = new Decompressor();
                return decompressor.Unwrap(input.AsSpan(at, (int)length), DecodedMax).ToArray();
            }
            catch (ZstdException)
            {
                return [];
            }
        }
    }
}
