using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>What lines outside of compressed archives prove themselves by.</summary>
public sealed class LineSealTests
{
    private const string Line = """{"upid":"pve:a!UPID:n:00000001:00000002:6553F100:vzdump:100:root@pam:","starttime":1700000000,"status":"OK","endtime":1700000010}""";

    // Invariants checked: the sum is CRC-32C as everybody computes it (RFC 3720 names the value for nine digits), over all bytes before it.
    [Fact]
    public void The_sum_is_crc_32c()
    {
        byte[] target = new byte[64];
        int length = LineSeal.Write("123456789}"u8, target);
        Assert.Equal("123456789,\"_c\":\"e3069283\"}", Encoding.ASCII.GetString(target, 0, length));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0L)]
    [InlineData(123_456L)]
    public void What_is_sealed_opens_to_the_same_line_and_says_its_count(long? count)
    {
        Memory<byte> line = Sealed(Line, count);
        Assert.True(LineSeal.TryOpen(ref line, out bool isSealed, out long? found));
        Assert.True(isSealed);
        Assert.Equal(count, found);
        Assert.Equal(Line, Encoding.UTF8.GetString(line.Span));
    }

    [Fact]
    public void A_line_without_a_seal_is_left_as_it_is()
    {
        foreach (string text in new[] { Line, "", "{}", "}", "\"}", "{\"_c\":\"e3069283\"}", Line + " " })
        {
            Memory<byte> line = Encoding.UTF8.GetBytes(text);
            Assert.True(LineSeal.TryOpen(ref line, out bool isSealed, out _));
            Assert.False(isSealed);
            Assert.Equal(text, Encoding.UTF8.GetString(line.Span));
        }
    }

    // Invariants checked: whatever bit changes, the line is refused, or it is no longer taken for sealed and what it says of its task is the same.
    [Fact]
    public void No_changed_bit_changes_a_task()
    {
        var parser = new LineParser();
        for (int bit = 0; bit < Sealed(Line, 7).Length * 8; bit++)
        {
            Memory<byte> line = Sealed(Line, 7);
            line.Span[bit / 8] ^= (byte)(1 << (bit % 8));
            if (!LineSeal.TryOpen(ref line) || !parser.TryParse(line, out TaskLine task, out _))
                continue;
            Assert.Equal(1_700_000_000, task.StartTime);
            Assert.Equal(1_700_000_010, task.EndTime);
            Assert.Equal("OK", Encoding.UTF8.GetString(task.Status.Span));
            Assert.Equal(Line[9..Line.IndexOf("\",", StringComparison.Ordinal)], Encoding.UTF8.GetString(task.Upid.Span));
        }
    }

    // Invariants checked: what is appended is sealed; in compressed archives, where every block has a sum, nothing is.
    [Fact]
    public void The_journal_the_running_list_the_state_and_plain_archives_are_sealed()
    {
        using var cache = new TempCache(now: 5000, TempCache.Small with { InitialFiles = 1 });
        cache.Add(Some.Finished(4000), Some.Finished(4100), Some.Running(4200));
        string[] Lines(string name) => File.ReadAllLines(cache.PathOf(name));
        Assert.All(Lines("journal"), line => Assert.Matches("^.*\"endtime\":\\d+,\"_c\":\"[0-9a-f]{8}\"}$", line));
        Assert.Matches("^.*,\"_n\":1,\"_c\":\"[0-9a-f]{8}\"}$", Assert.Single(Lines("active")));
        Assert.Matches("^.*,\"_c\":\"[0-9a-f]{8}\"}$", Assert.Single(Lines("state")));
        cache.Apply();
        string[] lines = Lines(Assert.Single(cache.Archives()));
        Assert.Equal(2, lines.Length);
        Assert.DoesNotContain("\"_n\"", lines[0], StringComparison.Ordinal);
        Assert.Matches("^.*,\"_n\":2,\"_c\":\"[0-9a-f]{8}\"}$", lines[1]);
    }

    [Fact]
    public void A_sealed_line_can_be_imported_and_a_broken_one_not()
    {
        Assert.True(TaskRecord.TryParse(Sealed(Line, count: null), out TaskRecord? record, out _));
        Assert.Equal(Line, Encoding.UTF8.GetString(record.ToLine()));
        byte[] broken = Sealed(Line, count: null);
        broken[20] ^= 1;
        Assert.False(TaskRecord.TryParse(broken, out _, out string? problem));
        Assert.Equal(LineSeal.Broken, problem);
    }

    private static byte[] Sealed(string line, long? count)
    {
        byte[] target = new byte[line.Length + LineSeal.LastBytes];
        return target[..LineSeal.Write(Encoding.UTF8.GetBytes(line), target, count)];
    }
}
