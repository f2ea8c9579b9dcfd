using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache;

/// <summary>Work on several threads that fails like work on one: with what the first part that failed threw, or with a failed sync.</summary>
internal static class SideBySide
{
    /// <summary>Does parts of work, all of about the same size.</summary>
    internal static void Run(int parts, Action<int> act)
    {
        if (parts == 1)
            act(0);
        else
            Run(Enumerable.Range(0, parts), Environment.ProcessorCount, act);
    }

    /// <summary>Does parts of work in an order, some at a time: whoever is ready takes the next, so that all end at about the same time.</summary>
    internal static void Run(IEnumerable<int> parts, int atOnce, Action<int> act)
    {
        try
        {
            Partitioner<int> oneByOne = Partitioner.Create(parts, EnumerablePartitionerOptions.NoBuffering);
            Parallel.ForEach(oneByOne, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, act);
        }
        catch (AggregateException errors)
        {
            // Whatever else failed: after a sync that did nothing may be written any more.
            ExceptionDispatchInfo.Throw(errors.InnerExceptions.FirstOrDefault(static error => error is SyncException) ?? errors.InnerExceptions[0]);
        }
    }
}
