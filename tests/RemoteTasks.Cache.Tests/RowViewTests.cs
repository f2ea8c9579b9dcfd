using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>A task made from columns is the one in the line, or columns say that they do not know.</summary>
public sealed class RowViewTests
{
    private const string Pve = "pve:pve-1!UPID:node-1:00039E4D:002638B8:67B4A9D1:qmstart:100:root@pam:";
    private const string Pbs = @"pbs:b_1!UPID:backup:0000038C:00000264:0000A3D1:67B4A9D1:backup:store\x3avm-100:backup@pbs!pve-01:";
    private const long Start = 0x67B4A9D1;

    [Theory]
    [InlineData(Pve, "OK", 0)]
    [InlineData(Pve, "unexpected status", 65_534)]
    [InlineData(Pve, @"a\u0041 \""quoted\"" \n\\", 60)]
    [InlineData("pve:a!UPID:n:00FFFFFF:FFFFFFFF:67B4A9D1:x::u:", "WARNINGS: 3", 1)]
    [InlineData(Pbs, "OK", 5)]
    [InlineData("pbs:a!UPID:n:FFFFFFFF:FFFFFFFF:FFFFFFFF:67B4A9D1:x::u:", "größer", 5)]
    public void An_ordinary_task_needs_no_line(string upid, string status, int seconds)
    {
        TaskLine line = Parse($"{{\"upid\":\"{upid.Replace(@"\", @"\\", StringComparison.Ordinal)}\",\"starttime\":{Start},\"status\":\"{status}\",\"endtime\":{Start + seconds}}}");

        Assert.True(Agrees(line));
    }

    [Theory]
    [InlineData("lower case", "pve:a!UPID:n:00039e4d:002638B8:67B4A9D1:x::u:", "\"OK\"", 5)]
    [InlineData("nine digits", "pve:a!UPID:n:00039E4D:1002638B8:67B4A9D1:x::u:", "\"OK\"", 5)]
    [InlineData("a large process id", "pve:a!UPID:n:01000000:002638B8:67B4A9D1:x::u:", "\"OK\"", 5)]
    [InlineData("a long task id", "pbs:a!UPID:n:0000038C:00000264:10000A3D1:67B4A9D1:x::u:", "\"OK\"", 5)]
    [InlineData("nine digits in one field, seven never", "pbs:a!UPID:n:0000038C:100000264:0000A3D1:67B4A9D1:x::u:", "\"OK\"", 5)]
    [InlineData("days", Pve, "\"OK\"", 65_535)]
    [InlineData("an end before the start", Pve, "\"OK\"", -1)]
    [InlineData("an empty text", Pve, "\"\"", 5)]
    public void What_columns_cannot_tell_needs_the_line(string why, string upid, string status, int seconds) =>
        Assert.False(Agrees(Parse($"{{\"upid\":\"{upid}\",\"starttime\":{Start},\"status\":{status},\"endtime\":{Start + seconds}}}")), why);

    [Fact]
    public void Without_an_end_the_line_is_needed() =>
        Assert.False(Agrees(Parse($"{{\"upid\":\"{Pve}\",\"starttime\":{Start},\"status\":\"RUNNING\"}}")));

    [Fact]
    public void Rows_taken_over_by_another_index_stay_what_they_are()
    {
        var generator = new TaskGenerator(new Random(7), Start, spread: 90_000);
        byte[][] lines = [.. Enumerable.Range(0, 3_000).Select(_ => Encoding.UTF8.GetBytes(TaskGenerator.Line(generator.Task(isRunning: false))))];
        var first = new IndexBuilder();
        foreach (byte[] line in lines)
            first.Add(Parse(line));
        ArchiveColumns before = ColumnsOf(first);
        var second = new IndexBuilder(before);
        second.Add(Parse($"{{\"upid\":\"{Pve}\",\"starttime\":{Start},\"status\":\"OK\",\"endtime\":{Start}}}"));
        second.AddRows(before.All(), 0, lines.Length);

        var view = new RowView(ColumnsOf(second));
        int made = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            if (view.TryRead(i + 1, out TaskLine line))
                Same(Parse(lines[i]), line);
            else
                continue;
            made++;
        }

        Assert.InRange(made, lines.Length / 20, lines.Length / 2);
    }

    /// <summary>Whether columns tell everything, which must then be the same.</summary>
    private static bool Agrees(in TaskLine line)
    {
        var builder = new IndexBuilder();
        builder.Add(line);
        if (!new RowView(ColumnsOf(builder)).TryRead(0, out TaskLine view))
            return false;
        Same(line, view);
        return true;
    }

    private static void Same(in TaskLine line, in TaskLine view)
    {
        Assert.Equal(Encoding.UTF8.GetString(line.Upid.Span), Encoding.UTF8.GetString(view.Upid.Span));
        Assert.Equal(line.Fields, view.Fields);
        Assert.Equal(line.StartTime, view.StartTime);
        Assert.Equal(line.EndTime, view.EndTime);
        Assert.Equal(line.HasStatus, view.HasStatus);
        Assert.Equal(Encoding.UTF8.GetString(line.Status.Span), Encoding.UTF8.GetString(view.Status.Span));

        // What is escaped without need may be called plain when it is made anew.
        Assert.True(view.IsPlain || !line.IsPlain);
        Assert.Equal(view.IsPlain, $"{Encoding.UTF8.GetString(line.Upid.Span)}{Encoding.UTF8.GetString(line.Status.Span)}".All(c => c is >= ' ' and not ('"' or '\\')));
    }

    private static ArchiveColumns ColumnsOf(IndexBuilder builder)
    {
        IndexData data = builder.Build();
        return new ArchiveColumns(data.Rows, data, new ByteCache<PartKey, object>(1 << 20));
    }

    private static TaskLine Parse(string line) => Parse(Encoding.UTF8.GetBytes(line));

    private static TaskLine Parse(byte[] line)
    {
        Assert.True(new LineParser().TryParse(line, out TaskLine parsed, out string? problem), problem);
        return parsed;
    }
}
