using System.Collections.Concurrent;
using RemoteTasks.FakeFleet;

namespace RemoteTasks.Server.Tests.Support;

/// <summary>
/// Lets a share of all calls fail, each in one of several ways. Which ones do follows from the seed and from how often each node was asked the same: not from
/// which thread came first.
/// </summary>
internal sealed class SeededFaults(int seed, int percent)
{
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private long _calls;
    private long _failed;

    internal long Calls => Interlocked.Read(ref _calls);

    internal long Failed => Interlocked.Read(ref _failed);

    internal FakeFault? Choose(FakeRemote remote, FakeRequest request)
    {
        Interlocked.Increment(ref _calls);
        string question = $"{remote.Id} {request.Method} {request.Route} {request.Node}";
        var random = new Random(Hash($"{seed} {question} {_counts.AddOrUpdate(question, 1, static (_, count) => count + 1)}"));
        if (random.Next(100) >= percent)
            return null;
        Interlocked.Increment(ref _failed);
        return random.Next(6) switch
        {
            0 => FakeFault.Status(500),
            1 => FakeFault.Status(595),
            2 => FakeFault.Status(596),
            3 => FakeFault.CutBody,
            4 => FakeFault.WrongTypes,
            _ => FakeFault.Drop,
        };
    }

    // The runtime's own hash of a text is another one in each process.
    private static int Hash(string text) => text.Aggregate(17, static (hash, letter) => unchecked((hash * 31) + letter));
}
