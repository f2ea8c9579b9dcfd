using System.Buffers;
using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace RemoteTasks.Reliability.Tests.Soak;

/// <summary>
/// What the runtime's shared pools hold. They keep arrays for each thread and each core and do not say how many; how many threads there are follows
/// the other work of the machine, so that memory cannot be compared from one hour to the next before they are counted.
/// </summary>
internal static class PooledArrays
{
    /// <summary>Bytes of all arrays that lie in the shared pool of a type, in no one's hands.</summary>
    /// <remarks>Follows every field that leads on from the pool, whatever its name; a runtime whose pool leads nowhere would show as 0.</remarks>
    internal static long Bytes<T>()
    {
        long bytes = 0;
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var ahead = new Stack<object>([ArrayPool<T>.Shared]);
        while (ahead.TryPop(out object? found))
        {
            if (!found.GetType().IsValueType && !seen.Add(found))
                continue;
            if (found is T[] array)
                bytes += (long)array.Length * Unsafe.SizeOf<T>();
            else if (LeadsOn(found.GetType()))
                Push(ahead, found);
        }

        return bytes;
    }

    private static void Push(Stack<object> ahead, object found)
    {
        // The arrays of all threads are in a table with weak keys, of which no field leads to them.
        IEnumerable<object?> next = found is IEnumerable many
            ? many.Cast<object?>()
            : found.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Select(field => field.GetValue(found));
        foreach (object? one in next)
        {
            if (one is not null)
                ahead.Push(one);
        }
    }

    private static bool LeadsOn(Type type) => !type.IsPrimitive && !type.IsPointer && !type.IsEnum && type != typeof(string);
}
