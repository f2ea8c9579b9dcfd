using System.Buffers.Binary;
using System.Text;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Records and files made to hurt.</summary>
public sealed class HostileInputTests
{
    [Fact]
    public void A_worker_type_of_half_a_megabyte_is_counted_like_any_other()
    {
        using var cache = new TempCache(1000);
        string type = new('t', 500_000);
        cache.Add(Some.Finished(1000, upid: Some.Upid(1000, type: type)));
        StatusCounts counts = default;

        // A thread of a small stack, as servers have them by the hundred.
        var thread = new Thread(
            () =>
            {
                using CacheReader reader = cache.Cache.Read();
                counts = reader.Statistics(new TaskQuery()).ByType[type];
            },
            256 << 10);
        thread.Start();
        thread.Join();
        Assert.Equal(1, counts.Ok);
    }

    [Fact]
    public void A_text_that_is_not_unicode_stops_neither_its_task_nor_the_others()
    {
        using var cache = new TempCache(1000);
        UpdateResult result = cache.Add(
            Some.Finished(1000, "broken \ud800 pair"),
            Some.Finished(1001, upid: Some.Upid(1001, id: "\udc00")),
            Some.Finished(1002));
        Assert.Empty(result.Rejected);
        Assert.Equal([1002, 1001, 1000], cache.Starts());
        Assert.Equal("broken \ufffd pair", cache.List().Rows[2].Status);
    }

    [Fact]
    public void Texts_longer_than_any_buffer_are_searched_like_others()
    {
        using var cache = new TempCache(1000);
        string Long(string end) => new string('x', 400) + end;
        cache.Add(
            Some.Finished(1000, Long("WANTED")),
            Some.Finished(1001, upid: Some.Upid(1001, id: Long("wanted"))),
            Some.Finished(1002, upid: Some.Upid(1002, node: new string('n', 400))),
            Some.Finished(1003, Long("other")));
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal([1001, 1000], cache.Starts(new TaskQuery { Limit = 0, Text = "Wanted" }));
            Assert.Equal([1002], cache.Starts(new TaskQuery { Limit = 0, Node = new string('n', 400) }));
            cache.Apply();
        }
    }

    // The task counts more than a member that nobody knows and no writer may write.
    [Theory]
    [InlineData(",\"status\":\"OK\",\"endtime\":1001", "OK")]
    [InlineData("", null)]
    public void A_member_that_cannot_be_written_again_does_not_keep_its_task_from_being_renamed(string members, string? status)
    {
        using var cache = new TempCache(1000);
        string line = $"{{\"upid\":\"{Some.Upid(1000)}\",\"starttime\":1000{members},\"note\":\"\\ud800\"}}";
        Assert.True(TaskRecord.TryParse(Encoding.UTF8.GetBytes(line), out TaskRecord? record, out string? problem), problem);
        cache.Add(record);
        using (CacheWriter writer = cache.Cache.Write())
            writer.RenameRemote("pve-remote", "renamed");
        TaskRow row = Assert.Single(cache.List().Rows);
        Assert.Equal((Some.Upid(1000, remote: "renamed"), status), (row.Upid, row.Status));
    }

    [Theory]
    [InlineData("""{"remote-state":{},"tracked-tasks":[],"note":"\ud800"}""")]
    [InlineData("""{"remote-state":{},"tracked-tasks":[],"repairs":[{"from":1,"to":2}]}""")]
    [InlineData("""{"remote-state":{},"tracked-tasks":[],"renaming":{"from":"pve-remote","to":"not an id"}}""")]
    [InlineData("""{"remote-state":{},"tracked-tasks":[],"renaming":{}}""")]
    [InlineData("""{"remote-state":{"\ud800":{"node-state":{}}},"tracked-tasks":["\udc00"]}""")]
    [InlineData("""{"remote-state":{"a":null},"tracked-tasks":[null]}""")]
    [InlineData("""{"remote-state":null}""")]
    [InlineData("""[1]""")]
    [InlineData("""{"remote-state":{},"x":[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]}""")]
    public void A_state_of_rubbish_stops_nobody(string state)
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000));
        File.WriteAllText(cache.PathOf("state"), state);
        cache.Reopen();
        using (CacheWriter writer = cache.Cache.Write())
        {
            writer.Update(new TaskBatch { Tasks = [Some.Finished(1001)], Nodes = [new NodeReport("pve-remote", "pve", 1) { Cutoff = 1001 }] });
            foreach (Repair repair in cache.State().Repairs)
                writer.SettleRepair(repair);
            writer.RenameRemote("pve-remote", "renamed");
        }

        Assert.Equal([1001, 1000], cache.Starts(new TaskQuery { Remote = "renamed" }));
    }

    [Fact]
    public void A_finished_version_wins_over_a_running_one_in_the_same_file_in_either_order()
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add();
        string Running(long start) => Encoding.UTF8.GetString(Some.Running(start).ToLine()) + "\n";
        string Finished(long start) => Encoding.UTF8.GetString(Some.Finished(start).ToLine()) + "\n";
        File.WriteAllText(cache.PathOf("archive.1000"), Finished(1003) + Running(1003) + Running(1002) + Finished(1002));
        File.WriteAllText(cache.PathOf("active"), Running(1001) + Finished(1001));
        Assert.All(cache.List().Rows, row => Assert.Equal(StatusClass.Ok, row.Class));
        Assert.Equal(3, cache.List().Total);
    }

    // Of versions of a task in one file.
    [Theory]
    [InlineData(5, 9, 9)]
    [InlineData(9, 5, 9)]
    [InlineData(5, 5, 5)]
    public void The_version_that_ended_later_wins_in_either_order_and_of_two_alike_the_one_that_stands_later(long first, long second, long expected)
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add();
        string[] versions = [.. new[] { (first, "first"), (second, "second") }.Select(version => Encoding.UTF8.GetString(Some.Finished(1000, version.Item2, version.Item1).ToLine()))];
        File.WriteAllLines(cache.PathOf("archive.1000"), versions);
        TaskRow row = Assert.Single(cache.List().Rows);
        Assert.Equal((1000 + expected, first > second ? "first" : "second"), (row.EndTime, row.Status));
    }

    [Theory]
    [InlineData(-1, 10)]
    [InlineData(0, 10)]
    [InlineData(int.MaxValue, 10)]
    [InlineData(20 << 20, 10)]
    [InlineData(10, 0)]
    [InlineData(10, -1)]
    [InlineData(10, int.MaxValue)]
    public void A_seek_table_that_asks_for_memory_or_nothing_is_no_table(int compressed, int decompressed)
    {
        var table = new SeekTable();
        table.Add(10, 10);
        byte[] bytes = table.ToBytes();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), compressed);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), decompressed);
        using var directory = new TempCache();
        string path = Path.Combine(directory.Root, "table");
        using (FileStream file = File.Create(path))
        {
            // As long as the entry says, where that is possible: a sparse file costs nothing.
            file.SetLength(compressed is > 0 and < int.MaxValue ? compressed : 10);
            file.Position = file.Length;
            file.Write(bytes);
        }

        using IDiskFile read = RealDisk.Instance.OpenRead(path)!;
        Assert.Null(SeekTable.TryRead(read, read.Length));
    }
}
