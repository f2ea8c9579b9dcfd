using System.Buffers;

namespace RemoteTasks.Cache;

/// <summary>Arrays lent by the shared pool, which grow where they are too small. An empty array is lent by nobody.</summary>
internal static class Lent
{
    /// <summary>Makes an array at least so long; its first bytes stay, and the shorter one goes back.</summary>
    internal static void Grow(ref byte[] array, int kept, int length)
    {
        if (length <= array.Length)
            return;
        byte[] grown = ArrayPool<byte>.Shared.Rent(length);
        array.AsSpan(0, kept).CopyTo(grown);
        Return(ref array);
        array = grown;
    }

    /// <summary>Gives an array back; what held it holds an empty one, so that nothing is given back twice.</summary>
    internal static void Return(ref byte[] array)
    {
        if (array.Length > 0)
            ArrayPool<byte>.Shared.Return(array);
        array = [];
    }
}
