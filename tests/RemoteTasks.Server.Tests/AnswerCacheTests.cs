using System.Reflection;
using System.Text;
using RemoteTasks.Cache;
using RemoteTasks.Server.Api;

namespace RemoteTasks.Server.Tests;

public sealed class AnswerCacheTests
{
    private static readonly AnswerKey Any = AnswerKey.OfList(new TaskQuery());

    // Invariants checked: whatever is added to the query one day is in the key as well, or this fails.
    [Fact]
    public void Every_part_of_a_question_is_in_its_key()
    {
        var keys = new HashSet<AnswerKey> { Any };
        PropertyInfo[] parts = [.. typeof(TaskQuery).GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(part => part.CanWrite)];
        Assert.Equal(15, parts.Length);
        foreach (PropertyInfo part in parts)
        {
            var query = new TaskQuery();
            part.SetValue(query, Other(part.PropertyType));
            Assert.True(keys.Add(AnswerKey.OfList(query)), part.Name);
            bool isOfPaging = part.Name is nameof(TaskQuery.Start) or nameof(TaskQuery.Limit) or nameof(TaskQuery.After);
            Assert.Equal(isOfPaging, AnswerKey.OfStatistics(query) == AnswerKey.OfStatistics(new TaskQuery()));
        }

        Assert.True(keys.Add(AnswerKey.OfStatistics(new TaskQuery())));
        Assert.Equal(keys.Count, keys.Select(key => key.Digest).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Questions_that_mean_the_same_have_one_key_and_text_is_never_taken_for_something_else()
    {
        Assert.Equal(
            AnswerKey.OfList(new TaskQuery { Statuses = [StatusClass.Ok, StatusClass.Error] }),
            AnswerKey.OfList(new TaskQuery { Statuses = [StatusClass.Error, StatusClass.Ok, StatusClass.Error] }));
        Assert.Equal(AnswerKey.OfList(new TaskQuery { Statuses = [] }), Any);
        TaskQuery[] odd =
        [
            new() { Remote = "a", Node = "b" }, new() { Remote = "a|1:b" }, new() { Remote = "a|1:b|" }, new() { Remote = "" }, new() { Node = "" }, new() { Remote = "-" },
            new() { Text = "\uD800" }, new() { Text = "\uD801" }, new() { Text = "\uFFFD" },
        ];
        Assert.Equal(odd.Length, odd.Select(query => AnswerKey.OfList(query).Text).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(odd.Length, odd.Select(query => AnswerKey.OfList(query).Digest).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void What_was_not_asked_for_longest_makes_room_and_the_bound_holds()
    {
        const int Max = 20_000;
        var kept = new AnswerCache(Max);
        for (int i = 0; i < 100; i++)
        {
            kept.Keep(1, Key(i), new byte[1000]);
            Assert.NotNull(kept.Find(1, Key(0)));
            Assert.InRange(kept.Bytes, 1000, Max);
        }

        int held = Enumerable.Range(0, 100).Count(i => kept.Find(1, Key(i)) is not null);
        Assert.InRange(held, 10, 19);
        Assert.Null(kept.Find(1, Key(1)));
        Assert.NotNull(kept.Find(1, Key(99)));
        kept.Keep(1, Key(200), new byte[Max]);
        Assert.Null(kept.Find(1, Key(200)));
        Assert.NotNull(kept.Find(1, Key(99)));
    }

    [Fact]
    public void A_long_body_is_not_kept()
    {
        var kept = new AnswerCache();
        kept.Keep(1, Key(1), new byte[AnswerCache.BodyBytesMax]);
        kept.Keep(1, Key(2), new byte[AnswerCache.BodyBytesMax + 1]);
        Assert.NotNull(kept.Find(1, Key(1)));
        Assert.Null(kept.Find(1, Key(2)));
    }

    [Fact]
    public void A_new_version_drops_everything_older_and_nothing_older_comes_back()
    {
        var kept = new AnswerCache();
        kept.Keep(1, Any, "one"u8.ToArray());
        Assert.Null(kept.Find(2, Any));
        Assert.Equal(0, kept.Bytes);
        Assert.Null(kept.Find(1, Any));
        kept.Keep(1, Any, "one"u8.ToArray());
        Assert.Null(kept.Find(2, Any));
        kept.Keep(2, Any, "two"u8.ToArray());
        Assert.Equal("two", Encoding.UTF8.GetString(kept.Find(2, Any)!.Value.Span));
        Assert.Null(kept.Find(1, Any));
    }

    [Fact]
    public void A_tag_is_of_one_process_version_and_question_and_a_version_can_be_distrusted()
    {
        var kept = new AnswerCache();
        string tag = kept.TagOf(1, Any);
        Assert.Equal(tag, kept.TagOf(1, AnswerKey.OfList(new TaskQuery())));
        Assert.Matches("^\"[0-9a-z-]+\"$", tag);
        Assert.Equal(5, new HashSet<string>([tag, kept.TagOf(2, Any), kept.TagOf(1, Key(1)), kept.TagOf(1, AnswerKey.OfStatistics(new TaskQuery())), new AnswerCache().TagOf(1, Any)], StringComparer.Ordinal).Count);

        kept.Distrust(2);
        kept.Distrust(1);
        Assert.Equal([true, false, true], new long[] { 1, 2, 3 }.Select(kept.IsTrusted));
    }

    [Fact]
    public void Many_threads_keep_to_the_bound_and_get_what_belongs_to_their_version()
    {
        const int Max = 50_000;
        var kept = new AnswerCache(Max);
        long version = 0;
        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            long own = i % 100 == 0 ? Interlocked.Increment(ref version) : Interlocked.Read(ref version);
            byte[] expected = Encoding.UTF8.GetBytes($"{own} {i % 37}".PadRight(1500));
            if (kept.Find(own, Key(i % 37)) is { } found)
                Assert.Equal(expected, found.ToArray());
            kept.Keep(own, Key(i % 37), expected);
            Assert.InRange(kept.Bytes, 0, Max);
        });
    }

    private static AnswerKey Key(int number) => AnswerKey.OfList(new TaskQuery { Start = number });

    private static object Other(Type type) =>
        type == typeof(string) ? "x"
        : type == typeof(bool) ? true
        : type == typeof(long) || type == typeof(long?) ? 7L
        : type == typeof(TaskScope) ? TaskScope.Running
        : new[] { StatusClass.Error };
}
