using System.Buffers;
using System.IO.Pipelines;

namespace RemoteTasks.Server.Api;

/// <summary>A body on its way: held back as long as it is short, so that the whole of it can be kept; sent piece by piece once it is not.</summary>
internal sealed class AnswerBody(PipeWriter output) : IBufferWriter<byte>, IDisposable
{
    private const int BytesAtFirst = 32 << 10;

    /// <summary>What the server holds for a client that is slow to take it.</summary>
    private const int PieceBytes = 64 << 10;

    private byte[] _held = ArrayPool<byte>.Shared.Rent(BytesAtFirst);
    private int _length;

    /// <summary>What has not been sent.</summary>
    internal ReadOnlyMemory<byte> Held => _held.AsMemory(0, _length);

    /// <summary>Whether a part of it has been sent.</summary>
    internal bool IsUnderWay { get; private set; }

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(Math.Max(1, sizeHint));
        return _held.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Sends what is held.</summary>
    internal async Task SendAsync(CancellationToken ct)
    {
        IsUnderWay = true;
        await SendAsync(output, Held, ct);
        _length = 0;
    }

    /// <summary>Sends a finished body.</summary>
    internal static async Task SendAsync(PipeWriter output, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        for (; body.Length > PieceBytes; body = body[PieceBytes..])
            await output.WriteAsync(body[..PieceBytes], ct);
        await output.WriteAsync(body, ct);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_held);
        _held = [];
    }

    private void Grow(int count)
    {
        if (_held.Length - _length >= count)
            return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _held.Length, _length + count));
        Held.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_held);
        _held = larger;
    }
}
