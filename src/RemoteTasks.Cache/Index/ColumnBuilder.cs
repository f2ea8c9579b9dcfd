using System.Buffers.Binary;

namespace RemoteTasks.Cache.Index;

/// <summary>A column that grows by rows; it begins with a width and becomes wider when a value needs it.</summary>
/// <param name="width">Bytes a row.</param>
/// <param name="rows">How many rows there will be, as far as that is known.</param>
internal sealed class ColumnBuilder(int width, int rows)
{
    private byte[] _bytes = new byte[Math.Max(1024, width * rows)];
    private int _width = width;

    internal int Rows { get; private set; }

    internal void Add(uint value)
    {
        if (_width < sizeof(uint) && value >> (8 * _width) != 0)
            Widen(value <= ushort.MaxValue ? 2 : 4);
        MakeRoom(1);
        Put(Rows++, value);
    }

    /// <summary>Adds the values of some rows of another column.</summary>
    internal void AddRange(ColumnData source, int from, int to)
    {
        if (source.Width > _width)
            Widen(source.Width);
        MakeRoom(to - from);
        if (source.Width == _width)
        {
            source.Bytes.AsSpan(from * _width, (to - from) * _width).CopyTo(_bytes.AsSpan(Rows * _width));
            Rows += to - from;
            return;
        }

        for (int row = from; row < to; row++)
            Put(Rows++, source[row]);
    }

    internal ColumnData Build() => new(_bytes.Length == Rows * _width ? _bytes : _bytes[..(Rows * _width)], _width);

    private void Put(int row, uint value)
    {
        switch (_width)
        {
            case 1:
                _bytes[row] = (byte)value;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(row * 2), (ushort)value);
                break;
            case 3:
                _bytes[row * 3] = (byte)value;
                BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan((row * 3) + 1), (ushort)(value >> 8));
                break;
            default:
                BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(row * 4), value);
                break;
        }
    }

    private void MakeRoom(int more)
    {
        if ((Rows + more) * _width > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max((Rows + more) * _width, _bytes.Length * 2));
    }

    private void Widen(int wide)
    {
        var narrow = new ColumnData(_bytes[..(Rows * _width)], _width);
        _width = wide;
        _bytes = new byte[Math.Max(_bytes.Length / narrow.Width, Rows * 2) * wide];
        for (int row = 0; row < narrow.Rows; row++)
            Put(row, narrow[row]);
    }
}
