using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// What a line outside of a compressed archive proves itself by: its last member, <c>"_c":"..."</c>, the CRC-32C of all bytes before it in eight hex
/// digits. It is put on when the line goes to a file and taken off when it comes back; nobody else knows of it. Lines of other programs have none.
/// <para>In files that are written as a whole the last line says before it how many lines there are: <c>"_n":3,"_c":"..."</c>.</para>
/// </summary>
internal static class LineSeal
{
    /// <summary>Bytes it adds to a line.</summary>
    internal const int Bytes = 16;

    /// <summary>The same for the last line of a file.</summary>
    internal const int LastBytes = Bytes + 25;

    /// <summary>What is wrong with a line whose seal is broken.</summary>
    internal const string Broken = "the line is not what was written: its sum is wrong";

    private const int SumDigits = 8;

    private static readonly StandardFormat SumFormat = new('x', SumDigits);

    private static ReadOnlySpan<byte> SumBegins => ",\"_c\":\""u8;

    private static ReadOnlySpan<byte> SumEnds => "\"}"u8;

    private static ReadOnlySpan<byte> CountBegins => ",\"_n\":"u8;

    /// <summary>Writes a line with its seal; the bytes written, <see cref="Bytes"/> more than the line has when it is not the last.</summary>
    /// <param name="line">A JSON object that is not empty.</param>
    /// <param name="target">Where to.</param>
    /// <param name="count">For the last line of a file, how many there are.</param>
    internal static int Write(ReadOnlySpan<byte> line, Span<byte> target, long? count = null)
    {
        line[..^1].CopyTo(target);
        int at = line.Length - 1;
        if (count is { } lines)
        {
            CountBegins.CopyTo(target[at..]);
            at += CountBegins.Length;
            Utf8Formatter.TryFormat(lines, target[at..], out int digits);
            at += digits;
        }

        uint sum = SumOf(target[..at]);
        SumBegins.CopyTo(target[at..]);
        at += SumBegins.Length;
        Utf8Formatter.TryFormat(sum, target[at..], out _, SumFormat);
        at += SumDigits;
        SumEnds.CopyTo(target[at..]);
        return at + SumEnds.Length;
    }

    /// <summary>Takes the seal off a line, in place. False when it is broken: the line is not what was written.</summary>
    internal static bool TryOpen(ref Memory<byte> line) => TryOpen(ref line, out _, out _);

    /// <summary>The same for one who counts lines.</summary>
    /// <param name="line">The line, which is shorter afterwards.</param>
    /// <param name="isSealed">Whether there was a seal.</param>
    /// <param name="count">What the last line of a file says; null for every other.</param>
    internal static bool TryOpen(ref Memory<byte> line, out bool isSealed, out long? count)
    {
        count = null;
        Span<byte> text = line.Span;
        int end = text.Length - SumEnds.Length - SumDigits - SumBegins.Length;
        isSealed = end > 1 && text.EndsWith(SumEnds) && text[end..].StartsWith(SumBegins);
        if (!isSealed)
            return true;
        Span<byte> expected = stackalloc byte[SumDigits];
        Utf8Formatter.TryFormat(SumOf(text[..end]), expected, out _, SumFormat);
        if (!text.Slice(end + SumBegins.Length, SumDigits).SequenceEqual(expected))
            return false;
        int nearEnd = Math.Max(0, end - LastBytes);
        int comma = nearEnd + text[nearEnd..end].LastIndexOf((byte)',');
        if (comma > nearEnd && text[comma..end].StartsWith(CountBegins)
            && long.TryParse(text[(comma + CountBegins.Length)..end], NumberStyles.None, CultureInfo.InvariantCulture, out long lines))
        {
            count = lines;
            end = comma;
        }

        text[end] = (byte)'}';
        line = line[..(end + 1)];
        return true;
    }

    /// <summary>For a line in memory that only its reader has.</summary>
    internal static bool TryOpen(ref ReadOnlyMemory<byte> line, out bool isSealed, out long? count)
    {
        Memory<byte> own = MemoryMarshal.AsMemory(line);
        bool isWhole = TryOpen(ref own, out isSealed, out count);
        line = own;
        return isWhole;
    }

    private static uint SumOf(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte value in bytes)
            sum = BitOperations.Crc32C(sum, value);
        return ~sum;
    }
}
