using System.Text;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>What stands behind the last newline of the journal: a line that somebody was writing when it was killed.</summary>
public sealed class JournalTailTests
{
    private static byte[] Line(long start) => [.. Some.Finished(start).ToLine(), (byte)'\n'];

    // The program that wrote it was killed before the newline, and is another one than the next.
    [Fact]
    public void A_last_line_that_is_whole_and_lacks_only_its_newline_counts_like_any_other()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000));
        File.AppendAllBytes(cache.PathOf("journal"), Line(1001)[..^1]);
        Assert.Equal([1001, 1000], cache.Starts());
        TaskPage page = cache.List(new TaskQuery { Limit = 1 });
        Assert.Equal((2, Some.Upid(1001)), (page.Total, page.Next));
        Assert.Equal([1000], cache.Starts(new TaskQuery { After = page.Next }));

        // It gets its newline, and another line behind it.
        File.AppendAllBytes(cache.PathOf("journal"), [(byte)'\n', .. Line(1002), .. Line(1003)[..^1]]);
        Assert.Equal([1003, 1002, 1001, 1000], cache.Starts());
        Assert.Equal(1, cache.Add(Some.Finished(1003), Some.Finished(1004)).New);
        Assert.Equal(5, cache.Apply().Rows);
        cache.Reopen();
        Assert.Equal([1004, 1003, 1002, 1001, 1000], cache.Starts());
    }

    // Where lines lie is known, and what they are is looked at when somebody asks: nobody waits for the next apply to find out.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_line_that_went_bad_before_it_was_looked_at_is_named_by_whoever_comes_first(bool reads)
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add(Some.Finished(1000), Some.Finished(1001));
        cache.Reopen();
        using (CacheWriter writer = cache.Cache.Write())
            Assert.Null(writer.Rotate().Begun);
        byte[] lines = File.ReadAllBytes(cache.PathOf("journal"));
        lines[0] = (byte)'x';
        File.WriteAllBytes(cache.PathOf("journal"), lines);
        if (reads)
        {
            using CacheReader reader = cache.Cache.Read();
            Assert.Equal("journal", Assert.Single(reader.Damage).File);
            Assert.Equal([1000], reader.List(new TaskQuery()).Rows.Select(row => row.StartTime));
        }

        Assert.Equal(1, cache.Add(Some.Finished(1000), Some.Finished(1002)).New);
        Assert.Equal("journal", Assert.Single(cache.State().Repairs).Damage.File);
        Assert.Equal([1002, 1000], cache.Starts());
    }

    [Fact]
    public void An_apply_takes_a_last_line_without_its_newline_along()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000));
        File.AppendAllBytes(cache.PathOf("journal"), Line(1001)[..^1]);
        Assert.Equal(2, cache.Apply().Rows);
        Assert.Empty(File.ReadAllBytes(cache.PathOf("journal")));
        Assert.Equal([1001, 1000], cache.Starts());
    }

    // Of a long batch only those lines of the journal are looked at that may be versions of a running task.
    [Theory]
    [InlineData(1001, false)]
    [InlineData(1002, true)]
    public void A_task_that_has_ended_in_the_last_line_is_not_running_any_more(long start, bool isRunning)
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000));
        File.AppendAllBytes(cache.PathOf("journal"), Line(1001)[..^1]);
        cache.Add([.. Enumerable.Range(2000, 5_000).Select(second => Some.Finished(second)), Some.Running(start)]);
        Assert.Equal(isRunning ? [start] : [], cache.Starts(new TaskQuery { Scope = TaskScope.Running }));
        Assert.Equal(isRunning ? 5_003 : 5_002, cache.List().Total);
    }

    [Theory]
    [InlineData("a running task")]
    [InlineData("rubbish")]
    [InlineData("a broken sum")]
    [InlineData("half a line")]
    public void What_stands_behind_the_last_newline_and_is_no_finished_task_counts_for_nothing_and_harms_nothing(string tail)
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000));
        byte[] sealedLine = File.ReadAllBytes(cache.PathOf("journal"))[..^1];
        sealedLine[40] ^= 1;
        byte[] bytes = tail switch
        {
            "a running task" => Some.Running(1001).ToLine(),
            "rubbish" => Encoding.UTF8.GetBytes(tail),
            "a broken sum" => sealedLine,
            _ => Line(1001)[..20],
        };
        File.AppendAllBytes(cache.PathOf("journal"), bytes);
        Assert.Equal([1000], cache.Starts());
        Append(cache, Some.Finished(1002));
        Assert.Equal([1002, 1000], cache.Starts());
        cache.Reopen();
        Assert.Equal([1002, 1000], cache.Starts());
    }

    /// <summary>Appends without making durable first what is there, which would write it anew.</summary>
    private static void Append(TempCache cache, TaskRecord task)
    {
        using BatchLines lines = BatchLines.Of([], [task]);
        new Journal(RealDisk.Instance, cache.Path).Append(lines.ToAppend());
    }
}
