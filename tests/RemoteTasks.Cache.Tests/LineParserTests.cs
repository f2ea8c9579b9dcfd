using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Invariants checked: the short way through a plain line and the JSON reader agree on every line, good or bad.</summary>
public sealed class LineParserTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(20261124)]
    public void Short_way_and_json_reader_agree_on_mutated_lines(int seed)
    {
        var random = new Random(seed);
        string[] good =
        [
            Text(Some.Finished(1_795_000_000)), Text(Some.Running(1_795_000_000)), Text(Some.Running(1_795_000_000, "RUNNING")),
            Text(Some.Finished(1_795_000_000, "Fehler: Gerät weg")), Text(Some.Finished(5, "")), Text(Some.Finished(0, upid: Some.PbsUpid(0, id: "store"))),
        ];
        int understood = 0;
        for (int i = 0; i < 50_000; i++)
        {
            byte[] line = Encoding.UTF8.GetBytes(good[random.Next(good.Length)]);
            for (int changes = random.Next(3); changes > 0; changes--)
                line = Mutate(line, random);
            bool isGood = new LineParser().TryParse(line, out TaskLine quick, out _);

            // A blank behind the brace changes nothing for JSON, and keeps the short way out.
            byte[] spaced = line is [(byte)'{', ..] ? [(byte)'{', (byte)' ', .. line.AsSpan(1)] : line;
            Assert.Equal(new LineParser().TryParse(spaced, out TaskLine full, out _), isGood);
            Assert.Equal(full.StartTime, quick.StartTime);
            Assert.Equal(full.EndTime, quick.EndTime);
            Assert.Equal(full.HasStatus, quick.HasStatus);
            Assert.True(full.Upid.Span.SequenceEqual(quick.Upid.Span), Encoding.UTF8.GetString(line));
            Assert.True(full.Status.Span.SequenceEqual(quick.Status.Span), Encoding.UTF8.GetString(line));
            understood += isGood ? 1 : 0;
        }

        Assert.InRange(understood, 10_000, 40_000);
    }

    [Theory]
    [InlineData("", "is not a JSON object")]
    [InlineData("[]", "is not a JSON object")]
    [InlineData("{\"upid\"}", "is not a JSON object")]
    [InlineData("{\"upid\":\"x\"}}", "is not a JSON object")]
    [InlineData("{\"upid\":1,\"starttime\":1}", "upid is not a string")]
    [InlineData("{\"upid\":\"\\uD800\",\"starttime\":1}", "lone surrogate")]
    [InlineData("{\"starttime\":1}", "upid is missing")]
    [InlineData("{\"upid\":\"UPID\"}", "starttime is missing")]
    [InlineData("{\"upid\":\"UPID\",\"starttime\":null}", "starttime is not a whole number")]
    [InlineData("{\"upid\":\"UPID\",\"starttime\":\"1\"}", "starttime is not a whole number")]
    [InlineData("{\"upid\":\"UPID\",\"starttime\":1.5}", "starttime is not a whole number")]
    [InlineData("{\"upid\":\"UPID\",\"starttime\":99999999999999999999}", "starttime is not a whole number")]
    [InlineData("{\"upid\":\"UPID\",\"starttime\":1,\"endtime\":true}", "endtime is not a whole number")]
    [InlineData("{\"upid\":\"UPID\",\"starttime\":1,\"status\":1}", "status is not a string")]
    public void A_line_that_is_no_task_is_told_why(string line, string reason)
    {
        Assert.False(TaskRecord.TryParse(Encoding.UTF8.GetBytes(line), out TaskRecord? record, out string? problem));
        Assert.Null(record);
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_may_be_no_longer_than_its_limit_and_must_be_utf8_and_what_was_sealed()
    {
        byte[] sealedLine = [.. Some.Finished(1000).ToLine(), .. new byte[LineSeal.Bytes]];
        sealedLine = sealedLine[..LineSeal.Write(Some.Finished(1000).ToLine(), sealedLine)];
        Assert.True(TaskRecord.TryParse(sealedLine, out TaskRecord? record, out _));
        Assert.Equal(Some.Finished(1000).ToLine(), record.ToLine());
        sealedLine[12] ^= 1;
        Says(sealedLine, LineSeal.Broken);
        Says([(byte)'{', 0xFF, (byte)'}'], "is not UTF-8");
        Says(new byte[Limits.LineBytesMax + 1], "is too long");
        Says(Encoding.UTF8.GetBytes($"{{\"upid\":\"{Some.Upid(1000)}\",\"starttime\":1001}}"), "starttime 1001 is not the one in the UPID (1000)");
    }

    [Fact]
    public void What_is_null_or_stands_in_members_nobody_knows_is_no_problem()
    {
        string line = $"{{\"x\":{{\"upid\":1}},\"status\":null,\"endtime\":null,\"starttime\":1000,\"upid\":\"{Some.Upid(1000)}\"}}";
        Assert.True(TaskRecord.TryParse(Encoding.UTF8.GetBytes(line), out TaskRecord? record, out _));
        Assert.Equal((1000, null, null), (record.StartTime, record.EndTime, record.Status));
        Assert.Equal(line, Encoding.UTF8.GetString(record.ToLine()));
        string[] parts = line.Split(',');
        string broken = string.Join(",\n", parts);
        Assert.True(TaskRecord.TryParse(Encoding.UTF8.GetBytes(broken), out record, out _));
        Assert.DoesNotContain((byte)'\n', record.ToLine());
    }

    [Fact]
    public void A_text_with_escapes_is_read_however_long_it_is()
    {
        string escaped = string.Concat(Enumerable.Repeat(@"\u00e9", 1_000));
        string id = string.Concat(Enumerable.Repeat(@"\u0061", 500));
        string line = $"{{\"upid\":\"{Some.Upid(1000, id: id)}\",\"starttime\":1000,\"status\":\"{escaped}\",\"endtime\":1001}}";
        Assert.True(TaskRecord.TryParse(Encoding.UTF8.GetBytes(line), out TaskRecord? record, out string? problem), problem);
        Assert.Equal((new string('é', 1_000), Some.Upid(1000, id: new string('a', 500))), (record.Status, record.Upid));
    }

    [Theory]
    [InlineData("UPID:pve:00000001:00000001:000003E8:x::u:", "no remote")]
    [InlineData("abc:r!UPID:pve:00000001:00000001:000003E8:x::u:", "neither of kind pve nor pbs")]
    [InlineData("pve:!UPID:pve:00000001:00000001:000003E8:x::u:", "bad remote id")]
    [InlineData("pve:-r!UPID:pve:00000001:00000001:000003E8:x::u:", "bad remote id")]
    [InlineData("pve:r/s!UPID:pve:00000001:00000001:000003E8:x::u:", "bad remote id")]
    [InlineData("pve:r!UPID:pve:00000001:00000001:000003E8:x::u", "wrong number of fields")]
    [InlineData("pve:r!UPID:pve:00000001:00000001:00000001:000003E8:x::u:", "does not fit the kind")]
    [InlineData("pve:r!UPIX:pve:00000001:00000001:000003E8:x::u:", "does not begin with UPID and a node name")]
    [InlineData("pve:r!UPID:-pve:00000001:00000001:000003E8:x::u:", "does not begin with UPID and a node name")]
    [InlineData("pve:r!UPID:pve:0000001:00000001:000003E8:x::u:", "not hexadecimal or has the wrong length")]
    [InlineData("pve:r!UPID:pve:00000001:0000000G:000003E8:x::u:", "not hexadecimal or has the wrong length")]
    [InlineData("pbs:r!UPID:pve:00000001:00000001:1:000003E8:x::u:", "bad task id")]
    [InlineData("pve:r!UPID:pve:00000001:00000001:000003E8:::u:", "lacks a worker type or a user, or has a blank")]
    [InlineData("pve:r!UPID:pve:00000001:00000001:000003E8:x:::", "lacks a worker type or a user, or has a blank")]
    [InlineData("pve:r!UPID:pve:00000001:00000001:000003E8:x:a b:u:", "lacks a worker type or a user, or has a blank")]
    public void A_name_that_is_no_tasks_is_told_why(string upid, string reason)
    {
        Assert.False(RemoteUpid.TryParse(upid, out RemoteUpid? parsed, out string? problem));
        Assert.Null(parsed);
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("_r")]
    [InlineData("7.r-s_t")]
    [InlineData("R")]
    public void A_remote_id_begins_with_a_letter_a_digit_or_an_underscore(string remote)
    {
        Assert.True(RemoteUpid.TryParse(Some.Upid(1000, remote: remote), out RemoteUpid? parsed, out string? problem), problem);
        Assert.Equal((remote, 1000, "pve"), (parsed.Remote, parsed.StartTime, parsed.Node));
    }

    private static void Says(byte[] line, string reason)
    {
        Assert.False(TaskRecord.TryParse(line, out _, out string? problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    private static byte[] Mutate(byte[] line, Random random)
    {
        int at = random.Next(line.Length);
        byte[] odd = [(byte)'"', (byte)'\\', (byte)'{', (byte)'}', (byte)',', (byte)':', (byte)'0', (byte)'-', (byte)'+', (byte)' ', 0, 0xC3, (byte)'e', (byte)'.'];
        return random.Next(4) switch
        {
            0 => [.. line.AsSpan(0, at), .. line.AsSpan(at + 1)],
            1 => [.. line.AsSpan(0, at), odd[random.Next(odd.Length)], .. line.AsSpan(at)],
            2 => [.. line.AsSpan(0, at), odd[random.Next(odd.Length)], .. line.AsSpan(at + 1)],
            _ => line[..at].Length == 0 ? line : line[..at],
        };
    }

    private static string Text(TaskRecord record) => Encoding.UTF8.GetString(record.ToLine());
}
