using System.Buffers;

namespace RemoteTasks.Proxmox.Http;

/// <summary>
/// Reads a body of at most so many bytes. They are counted as they come out of the decompressor, since a few bytes of gzip may stand for a
/// thousand times as many, and Content-Length (which a server may leave out or get wrong) is not relied on.
/// </summary>
internal static class BoundedBody
{
    private const int PieceBytes = 32 * 1024;

    /// <summary>Returns null when the body is longer.</summary>
    internal static async Task<Memory<byte>?> ReadAsync(HttpContent content, long bytesMax, CancellationToken cancel)
    {
        await using Stream stream = await content.ReadAsStreamAsync(cancel);
        var body = new MemoryStream();
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            int count;
            while ((count = await stream.ReadAsync(piece, cancel)) > 0)
            {
                if (body.Length + count > bytesMax)
                    return null;
                body.Write(piece, 0, count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    /// <summary>The beginning of a body, for an error text: whatever of it comes.</summary>
    internal static async Task<byte[]> ReadStartAsync(HttpContent content, int bytesMax, CancellationToken cancel)
    {
        try
        {
            await using Stream stream = await content.ReadAsStreamAsync(cancel);
            byte[] start = new byte[bytesMax];
            int count = await stream.ReadAtLeastAsync(start, bytesMax, throwOnEndOfStream: false, cancel);
            return start[..count];
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
        {
            // The status has come and says more than a broken body does.
            return [];
        }
    }
}
