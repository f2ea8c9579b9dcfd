using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>What an answer cannot speak for.</summary>
public sealed class UnknownSpansTests
{
    private static readonly UnknownSpan Silent = new(UnknownReason.NotReached, "a", "n1", 50, null);
    private static readonly UnknownSpan Gap = new(UnknownReason.Forgotten, "a", "n2", 10, 20);
    private static readonly UnknownSpan Backup = new(UnknownReason.NotReached, "b", "localhost", 60, null);
    private static readonly UnknownSpan Damaged = new(UnknownReason.Damaged, null, null, 30, 40);

    public static TheoryData<string> Questions => [.. Asked.Keys];

    private static Dictionary<string, (TaskQuery Query, UnknownSpan[] Expected)> Asked { get; } = new(StringComparer.Ordinal)
    {
        ["everything"] = (new TaskQuery(), [Damaged, Silent, Gap, Backup]),
        ["one remote"] = (new TaskQuery { Remote = "a" }, [Damaged, Silent, Gap]),
        ["another remote"] = (new TaskQuery { Remote = "b" }, [Damaged, Backup]),
        ["a remote that answers"] = (new TaskQuery { Remote = "c" }, [Damaged]),
        ["one node, or a Backup Server, which has another name in its tasks"] = (new TaskQuery { Node = "n1" }, [Damaged, Silent, Backup]),
        ["a node that answers"] = (new TaskQuery { Remote = "a", Node = "n3" }, [Damaged]),
        ["before anything"] = (new TaskQuery { Until = 9 }, []),
        ["up to the gap"] = (new TaskQuery { Until = 10 }, [Gap]),
        ["behind the gap"] = (new TaskQuery { Since = 21 }, [Damaged, Silent, Backup]),
        ["from where the gap ends"] = (new TaskQuery { Since = 20 }, [Damaged, Silent, Gap, Backup]),
        ["now"] = (new TaskQuery { Since = 1000 }, [Silent, Backup]),
    };

    [Theory]
    [MemberData(nameof(Questions))]
    public void Only_what_was_asked_for_is_named(string question)
    {
        using var cache = new TempCache(1000);
        using (CacheWriter writer = cache.Cache.Write())
        {
            writer.Update(new TaskBatch
            {
                Nodes =
                [
                    new NodeReport("a", "n1", 50) { Reached = false },
                    new NodeReport("a", "n2", 50) { Gap = new HistoryGap(10, 20) },
                    new NodeReport("a", "n3", 50) { Cutoff = 50 },
                    new NodeReport("b", "localhost", 60) { Reached = false },
                    new NodeReport("c", "n1", 50) { Cutoff = 50 },
                ],
            });
            writer.RequestRepair([new Damage("archive.1000", 30, 40, 1, "test")]);
        }

        (TaskQuery query, UnknownSpan[] expected) = Asked[question];
        Assert.Equal(expected, cache.List(query).Unknown);
    }

    [Fact]
    public void What_lacks_of_one_node_is_named_in_the_order_of_time_and_what_has_no_end_without_one()
    {
        using var cache = new TempCache(1000);
        using (CacheWriter writer = cache.Cache.Write())
        {
            foreach (HistoryGap gap in (HistoryGap[])[new(300, 400), new(10, 20)])
                writer.Update(new TaskBatch { Nodes = [new NodeReport("a", "n2", 50) { Gap = gap }] });
            writer.RequestRepair([new Damage("archive.1000", 30, long.MaxValue, 1, "test")]);
        }

        Assert.Equal([Damaged with { To = null }, Gap, Gap with { From = 300, To = 400 }], cache.List(new TaskQuery()).Unknown);
    }
}
