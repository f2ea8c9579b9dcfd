using System.Runtime.ExceptionServices;
using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache;

/// <summary>In the place of the engine's own, of whose threads the scheduler knows nothing: two that take the next part whenever they are ready.</summary>
internal static class SideBySide
{
    private const int AtOnce = 2;

    internal static void Run(int parts, Action<int> act) => Run(Enumerable.Range(0, parts), AtOnce, act);

    internal static void Run(IEnumerable<int> parts, int atOnce, Action<int> act)
    {
        var left = new Queue<int>(parts);
        var gate = new Lock();
        try
        {
            // An array: the scheduler does not know the wait for a span.
            Task[] threads = [.. Enumerable.Range(0, Math.Min(AtOnce, atOnce)).Select(_ => Task.Run(TakeParts))];
            Task.WaitAll(threads);
        }
        catch (AggregateException errors)
        {
            ExceptionDispatchInfo.Throw(errors.InnerExceptions.FirstOrDefault(static error => error is SyncException) ?? errors.InnerExceptions[0]);
        }

        void TakeParts()
        {
            while (true)
            {
                int part;
                lock (gate)
                {
                    if (!left.TryDequeue(out part))
                        return;
                }

                act(part);
            }
        }
    }
}
