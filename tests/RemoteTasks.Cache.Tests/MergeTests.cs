using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Merge;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Several sorted sources as one.</summary>
public sealed class MergeTests
{
    private const int Keys = 5;

    private static readonly TaskLine[][] Streams = [.. Enumerate().Where(keys => keys.Length <= 4).Select(keys => keys.Select(Line).ToArray())];

    // Invariants checked: for every pair and every triple out of all sorted streams over five keys, each key comes once, in order, from
    // the first source that has it.
    [Fact]
    public void Every_small_merge_gives_each_key_once_in_order_from_the_first_that_has_it()
    {
        int[][] orders = [[0, 1, 2], [2, 1, 0], [1, 2, 0]];
        foreach (TaskLine[] first in Streams)
        {
            foreach (TaskLine[] second in Streams)
            {
                TaskLine[] third = Streams[(first.Length * 7 + second.Length * 3) % Streams.Length];
                TaskLine[][] streams = [first, second, third];
                foreach (int[] order in orders)
                    Check([.. order.Select(i => streams[i])]);
            }
        }
    }

    [Fact]
    public void Many_sources_of_many_lines_merge_like_a_dictionary()
    {
        var random = new Random(11);
        for (int run = 0; run < 50; run++)
        {
            int[][] keys = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => Enumerable.Range(0, 60).Where(_ => random.Next(4) == 0).ToArray())];
            Check([.. keys.Select(some => some.Select(Line).ToArray())]);
        }
    }

    private static void Check(TaskLine[][] streams)
    {
        var expected = new SortedDictionary<string, (TaskLine Line, int Source)>(StringComparer.Ordinal);
        for (int source = streams.Length - 1; source >= 0; source--)
        {
            foreach (TaskLine line in streams[source])
                expected[Text(line)] = (line, source);
        }

        using var merged = new MergedSource([.. streams.Select(Source)]);
        foreach ((TaskLine line, int source) in expected.Values.OrderBy(pair => pair.Line, JournalSnapshot.Order))
        {
            Assert.True(merged.MoveNext());
            Assert.Equal(Text(line), Text(merged.Current));
            Assert.Equal(source, merged.Current.EndTime);
        }

        Assert.False(merged.MoveNext());
        Assert.False(merged.MoveNext());
    }

    /// <summary>Lines that say by their end which source they come from.</summary>
    private static MemorySource Source(TaskLine[] lines, int source) => new([.. lines.Select(line => line with { EndTime = source })]);

    private static string Text(in TaskLine line) => Convert.ToHexString(line.Upid.Span);

    /// <summary>Two keys of one second, then one of another, and so on; in the one order.</summary>
    private static TaskLine Line(int key)
    {
        string upid = Some.Upid(1_000 - (key / 2), pid: key % 2);
        Assert.True(new LineParser().TryParse(new TaskRecord(upid, 1_000 - (key / 2), "OK", 1).ToLine(), out TaskLine line, out _));
        return line.Detach() with { StartTime = 2 - (key / 2) };
    }

    private static IEnumerable<int[]> Enumerate() =>
        Enumerable.Range(0, 1 << Keys).Select(set => Enumerable.Range(0, Keys).Where(key => (set & (1 << key)) != 0).ToArray());
}
