using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Merge;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>An archive in a merge of many takes memory only while it is its turn.</summary>
public sealed class LazyArchiveSourceTests
{
    private int _opened;
    private int _closed;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(50)]
    public void It_gives_out_each_line_once_and_then_none(int count)
    {
        using LazyArchiveSource source = Source(count);
        Assert.Equal(0, _opened);
        Assert.Equal(Enumerable.Range(0, count).Select(i => 1000L - i), Rest(source));
        Assert.False(source.MoveNext());
        Assert.False(source.MoveNext());
        Assert.InRange(_opened, 1, 2);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(50, 2)]
    [InlineData(51, 2)]
    public void Whatever_it_opened_is_closed_wherever_reading_ends(int moves, int opened)
    {
        using (LazyArchiveSource source = Source(50))
        {
            for (int i = 0; i < moves; i++)
                source.MoveNext();
        }

        Assert.Equal((opened, opened), (_opened, _closed));
    }

    // It is opened a second time when its turn comes: the disk may not give it any more.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void What_is_gone_when_its_turn_comes_ends_behind_its_first_line(int left)
    {
        TaskLine[] lines = [Parse(Some.Finished(1000)), Parse(Some.Finished(999))];
        using var source = new LazyArchiveSource(() => new MemorySource(_opened++ == 0 ? lines : lines[..left]));
        Assert.Equal([1000], Rest(source));
        Assert.False(source.MoveNext());
    }

    [Fact]
    public void A_file_as_a_stream_ends_where_it_ended_when_it_was_opened()
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "0123456789");
        using (IDiskFile file = RealDisk.Instance.OpenRead(path)!)
        using (var stream = new DiskStream(file, 8))
        {
            Assert.Equal((2, 4, 5), (stream.Seek(2, SeekOrigin.Begin), stream.Seek(2, SeekOrigin.Current), stream.Seek(-3, SeekOrigin.End)));
            byte[] buffer = new byte[10];
            Assert.Equal(3, stream.Read(buffer, 1, 9));
            Assert.Equal("567"u8, buffer.AsSpan(1, 3));
            Assert.Equal(0, stream.Read(buffer));
            stream.Position = 100;
            Assert.Equal(0, stream.Read(buffer));
            Assert.Equal((true, true, false, 8), (stream.CanRead, stream.CanSeek, stream.CanWrite, stream.Length));
        }

        File.Delete(path);
    }

    private static List<long> Rest(LazyArchiveSource source)
    {
        var starts = new List<long>();
        while (source.MoveNext())
            starts.Add(source.Current.StartTime);
        return starts;
    }

    private LazyArchiveSource Source(int count)
    {
        TaskLine[] lines = [.. Enumerable.Range(0, count).Select(i => Parse(Some.Finished(1000 - i)))];
        return new LazyArchiveSource(() =>
        {
            _opened++;
            return new ClosedSource(lines, () => _closed++);
        });
    }

    private static TaskLine Parse(TaskRecord record)
    {
        Assert.True(new LineParser().TryParse(record.ToLine(), out TaskLine line, out string? problem), problem);
        return line.Detach();
    }

    /// <summary>Says when it is closed.</summary>
    private sealed class ClosedSource(TaskLine[] lines, Action whenClosed) : LineSource
    {
        private readonly MemorySource _lines = new(lines);

        internal override ref readonly TaskLine Current => ref _lines.Current;

        internal override bool MoveNext() => _lines.MoveNext();

        public override void Dispose() => whenClosed();
    }
}
