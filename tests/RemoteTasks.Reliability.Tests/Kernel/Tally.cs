namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>How many failures were looked at, and how many of them broke which promise.</summary>
/// <param name="things">What is counted, such as power cuts.</param>
internal sealed class Tally(string things)
{
    private readonly List<string> _broken = [];
    private int _count;
    private long _acknowledged;

    /// <summary>Counts one.</summary>
    /// <param name="broken">The promise that was broken, or null.</param>
    /// <param name="acknowledged">What had been acknowledged.</param>
    /// <param name="where">What is needed to see it again.</param>
    internal void Add(string? broken, long acknowledged, string where)
    {
        _count++;
        _acknowledged += acknowledged;
        if (broken is not null)
            _broken.Add($"{where}: {broken}");
    }

    /// <summary>Prints the figures, and fails when a promise was broken.</summary>
    internal void Conclude(ITestOutputHelper output)
    {
        output.WriteLine(
            $"{_count:N0} {things} after {_acknowledged:N0} acknowledgements: {Of("lost"):N0} lost, {Of("duplicate"):N0} doubled, {Of("unreadable"):N0} unreadable, "
            + $"{_broken.Count - Of("lost") - Of("duplicate") - Of("unreadable"):N0} broken otherwise");
        foreach (string broken in _broken.Take(10))
            output.WriteLine(broken);
        Assert.True(_broken.Count == 0, $"{_broken.Count} of {_count} {things} break a promise, the first: {_broken.FirstOrDefault()}");
    }

    private int Of(string kind) => _broken.Count(text => text.Contains($": {kind}: ", StringComparison.Ordinal));
}
