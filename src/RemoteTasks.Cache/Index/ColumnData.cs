using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace RemoteTasks.Cache.Index;

/// <summary>A column in memory: one unsigned number of 1 to 4 bytes a row, little-endian.</summary>
internal sealed class ColumnData(byte[] bytes, int width)
{
    internal int Width => width;

    internal byte[] Bytes => bytes;

    internal int Rows => bytes.Length / width;

    internal ReadOnlySpan<byte> Bytes8 => bytes;

    internal ReadOnlySpan<ushort> Bytes16 => MemoryMarshal.Cast<byte, ushort>(bytes);

    internal ReadOnlySpan<uint> Bytes32 => MemoryMarshal.Cast<byte, uint>(bytes);

    internal uint this[int row] => width switch
    {
        1 => bytes[row],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(row * 2)),
        3 => bytes[row * 3] | ((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan((row * 3) + 1)) << 8),
        _ => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(row * 4)),
    };

    /// <summary>A column from numbers, each as wide as the largest needs.</summary>
    internal static ColumnData From(ReadOnlySpan<int> values, int width)
    {
        byte[] bytes = new byte[values.Length * width];
        switch (width)
        {
            case 1:
                for (int i = 0; i < values.Length; i++)
                    bytes[i] = (byte)values[i];
                break;
            case 2:
                Span<ushort> shorts = MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan());
                for (int i = 0; i < values.Length; i++)
                    shorts[i] = (ushort)values[i];
                break;
            default:
                MemoryMarshal.Cast<int, byte>(values).CopyTo(bytes);
                break;
        }

        return new ColumnData(bytes, width);
    }
}
