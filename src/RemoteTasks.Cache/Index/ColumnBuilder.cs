using System.Buffers.Binary;

namespace RemoteTasks.Cache.Index;

/// <summary>A column that grows by rows; it begins with a width and becomes wider when a value needs it.</summary>
internal sealed class ColumnBuilder(int width)
{
    private byte[] _bytes = new byte[1024];
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

    internal ColumnData Build() => new(_bytes[..(Rows * _width)], _width);

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

    private void MakeRoom(int rows)
    {
        if ((Rows + rows) * _width > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max((Rows + rows) * _width, _bytes.Length * 2));
    }

    private void Widen(int width)
    {
        var narrow = new ColumnData(_bytes[..(Rows * _width)], _width);
        _width = width;
        _bytes = new byte[Math.Max(1024, Rows * width * 2)];
        for (int row = 0; row < narrow.Rows; row++)
            Put(row, narrow[row]);
    }
}
