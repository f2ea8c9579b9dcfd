using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Index;

/// <summary>The lines of a block, in memory that can be used for one block after the other.</summary>
internal sealed class DecodedBlock
{
    private readonly List<int> _ends = new(Limits.BlockLinesMax);
    private byte[] _buffer = [];

    internal int Lines => _ends.Count;

    /// <summary>All lines, each with its newline.</summary>
    internal ReadOnlyMemory<byte> Content { get; private set; }

    /// <summary>Memory it takes.</summary>
    internal long Bytes => _buffer.Length + (4L * _ends.Capacity) + 100;

    internal ReadOnlyMemory<byte> this[int line] => Content[EndOf(line)..(EndOf(line + 1) - 1)];

    /// <summary>Bytes up to and with the newline of a line; 0 for none.</summary>
    internal int EndOf(int lines) => lines == 0 ? 0 : _ends[lines - 1];

    /// <summary>Decodes a block; what was here before is gone. False when it is damaged.</summary>
    internal bool TryFill(BlockDecoders decoders, IDiskFile file, Block block) => Take(decoders.Decode(file, block, ref _buffer));

    /// <summary>The same from a block's bytes.</summary>
    internal bool TryFill(ZstdSharp.Decompressor decompressor, ReadOnlySpan<byte> frame) => Take(BlockDecoder.Decode(decompressor, frame, ref _buffer));

    private bool Take(ReadOnlyMemory<byte>? content)
    {
        _ends.Clear();
        Content = content ?? default;
        ReadOnlySpan<byte> rest = Content.Span;
        for (int at = 0; rest[at..].IndexOf((byte)'\n') is >= 0 and var newline; at += newline + 1)
            _ends.Add(at + newline + 1);
        return content is not null;
    }
}
