using System.Text;
using RemoteTasks.Cache.Upids;

namespace RemoteTasks.Cache.Tests;

/// <summary>Where the parts of a task's name lie, what lengths they may have, and whether a name can be made again from its parts.</summary>
public sealed class UpidTests
{
    // Invariants checked: the parts of a name are what it was made of, wherever the bytes fall that are looked at at once.
    [Fact]
    public void Each_part_is_found_however_long_the_others_are()
    {
        for (int remoteLength = 1; remoteLength <= 40; remoteLength++)
        {
            for (int idLength = 0; idLength <= 40; idLength += 3)
            {
                foreach (string kind in (string[])["pve:", "pbs:", ""])
                {
                    string remote = new('r', remoteLength);
                    string id = new('i', idLength);
                    string native = $"UPID:node:0000ABCD:00FEDCBA:{(kind == "pbs:" ? "89ABCDEF01234567:" : "")}6543210F:type:{id}:user@pam!token:";
                    string text = $"{kind}{remote}!{native}";
                    byte[] bytes = Encoding.UTF8.GetBytes(text);
                    Assert.True(UpidFields.TryParse(bytes, out UpidFields fields, out string? problem), problem);
                    Assert.Equal(
                        [remote, native, "node", "type", id, "user@pam!token"],
                        new[] { fields.Remote, fields.Native, fields.Node, fields.WorkerType, fields.WorkerId, fields.User }.Select(part => Encoding.UTF8.GetString(part.Of(bytes))));
                    Assert.Equal((0xABCDu, 0xFEDCBA, 0x6543210F), (fields.Pid, fields.PStart, fields.StartTime));
                    Assert.Equal(kind == "pbs:" ? unchecked((long)0x89ABCDEF01234567) : 0, fields.TaskId);
                    Assert.Equal((kind == "pbs:", kind.Length > 0), (fields.IsBackupServer, fields.IsTyped));
                }
            }
        }
    }

    [Theory]
    [InlineData(7, 8, 8, 8, false)]
    [InlineData(9, 8, 8, 8, false)]
    [InlineData(8, 7, 8, 8, false)]
    [InlineData(8, 9, 8, 8, true)]
    [InlineData(8, 10, 8, 8, false)]
    [InlineData(8, 8, 7, 8, false)]
    [InlineData(8, 8, 9, 8, true)]
    [InlineData(8, 8, 16, 8, true)]
    [InlineData(8, 8, 17, 8, false)]
    [InlineData(8, 8, 8, 7, false)]
    [InlineData(8, 8, 8, 9, false)]
    [InlineData(8, 8, 8, 8, true)]
    public void Each_number_has_its_lengths(int pid, int pstart, int taskId, int start, bool isGood)
    {
        string Number(int digits) => new('1', digits);
        string text = $"pbs:r!UPID:n:{Number(pid)}:{Number(pstart)}:{Number(taskId)}:{Number(start)}:type::user:";
        Assert.Equal(isGood, UpidFields.TryParse(Encoding.UTF8.GetBytes(text), out _, out _));
        if (taskId == 8)
            Assert.Equal(isGood, UpidFields.TryParse(Encoding.UTF8.GetBytes($"r!UPID:n:{Number(pid)}:{Number(pstart)}:{Number(start)}:type::user:"), out _, out _));
    }

    // Invariants checked: a byte that is no hexadecimal digit is seen at each place of each number, and no digit is taken for one.
    [Fact]
    public void Whatever_is_no_digit_is_seen_wherever_it_stands()
    {
        const string text = "pbs:r!UPID:n:00000001:00000002:00000003:00000004:type::user:";
        for (int at = text.IndexOf(":0000", StringComparison.Ordinal) + 1; at < text.IndexOf(":type", StringComparison.Ordinal); at++)
        {
            if (text[at] == ':')
                continue;
            foreach (char c in "0189afAF/@G`g \x7f\u00ff")
            {
                byte[] bytes = Encoding.Latin1.GetBytes(text);
                bytes[at] = (byte)c;
                Assert.True(char.IsAsciiHexDigit(c) == UpidFields.TryParse(bytes, out _, out _), $"{c} at {at}");
            }
        }
    }

    [Theory]
    [InlineData("UPID:n:00000001:00000002:00000003:t:i:u:", true)]
    [InlineData("UPID:n:00000001:00000002:00000003:t:i:u", false)]
    [InlineData("UPID:n:00000001:00000002:00000003:t:i:u:x", false)]
    [InlineData("UPID:n:00000001:00000002:00000003:t:i:u::", false)]
    [InlineData("UPID:n:00000001:00000002:00000003:t:i:u:::", false)]
    [InlineData("UPID:n:00000001:00000002:00000003:00000004:t:i:u:", true)]
    [InlineData("UPID:n:00000001:00000002:00000003:00000004:t:i:u::", false)]
    [InlineData("UPID:n:00000001:00000002:00000003:t:", false)]
    [InlineData("UPID:n", false)]
    [InlineData("", false)]
    [InlineData("UPID:n.x:00000001:00000002:00000003:t:i:u:", false)]
    [InlineData("UPID:-n:00000001:00000002:00000003:t:i:u:", false)]
    [InlineData("UPID:n-:00000001:00000002:00000003:t:i:u:", false)]
    [InlineData("UPID:n-1:00000001:00000002:00000003:t:i:u:", true)]
    [InlineData("UPID::00000001:00000002:00000003:t:i:u:", false)]
    [InlineData("upid:n:00000001:00000002:00000003:t:i:u:", false)]
    [InlineData("UPID:n:00000001:00000002:00000003:t\t:i:u:", false)]
    [InlineData("UPID:n:00000001:00000002:00000003:t:i:u\v:", false)]
    public void A_name_has_its_fields_and_ends_behind_them(string native, bool isGood)
    {
        Assert.Equal(isGood, UpidFields.TryParse(Encoding.UTF8.GetBytes("r!" + native), out _, out _));
        Assert.False(UpidFields.TryParse(Encoding.UTF8.GetBytes(":r!" + native), out _, out _));
        Assert.False(UpidFields.TryParse(Encoding.UTF8.GetBytes("!" + native), out _, out _));
        Assert.Equal(isGood, RemoteUpid.TryParse("r!" + native, out RemoteUpid? upid, out string? problem));
        Assert.Equal(isGood, problem is null);
        Assert.Equal(isGood ? native : null, upid?.Native);
    }

    [Fact]
    public void A_name_without_its_kind_gets_the_one_that_its_form_tells()
    {
        Assert.True(RemoteUpid.TryParse("r-1!UPID:n:00000001:00000002:00000003:t:i:u:", out RemoteUpid? upid, out _));
        Assert.Equal(("pve:r-1!UPID:n:00000001:00000002:00000003:t:i:u:", "r-1", "n", 3, false), (upid.Text, upid.Remote, upid.Node, upid.StartTime, upid.IsBackupServer));
        Assert.True(RemoteUpid.TryParse("r!UPID:n:00000001:00000002:00000003:00000004:t:i:u:", out upid, out _));
        Assert.Equal(("pbs:r!UPID:n:00000001:00000002:00000003:00000004:t:i:u:", "r", "n", 4, true), (upid.Text, upid.Remote, upid.Node, upid.StartTime, upid.IsBackupServer));
        Assert.Throws<ArgumentNullException>(() => RemoteUpid.TryParse(null!, out _, out _));
    }

    // Invariants checked: where the parts are said to be enough, the same bytes come out of them; where they are not, they would not, or hardly.
    [Theory]
    [InlineData("pve:r!UPID:n:0000000A:000000FF:FFFFFFFF:t:i:u:", true)]
    [InlineData("pbs:r!UPID:n:0000000A:000000FF:0000001B:0000000D:t:i:u:", true)]
    [InlineData("pve:remote-1!UPID:node-2:FFFFFFFF:FFFFFFFF:00000000:type:100:root@pam!t:", true)]
    [InlineData("r!UPID:n:0000000A:000000FF:0000000D:t:i:u:", false)]
    [InlineData("pve:r!UPID:n:0000000a:000000FF:0000000D:t:i:u:", false)]
    [InlineData("pve:r!UPID:n:0000000A:000000fF:0000000D:t:i:u:", false)]
    [InlineData("pve:r!UPID:n:0000000A:000000FF:0000000f:t:i:u:", false)]
    [InlineData("pve:r!UPID:n:0000000A:0000000FF:0000000D:t:i:u:", false)]
    [InlineData("pbs:r!UPID:n:0000000A:000000FF:00000001B:0000000D:t:i:u:", false)]
    [InlineData("pbs:r!UPID:n:0000000A:0000000FF:00000001:0000000D:t:i:u:", false)]
    [InlineData("pbs:r!UPID:n:0000000A:000000FF:0000001b:0000000D:t:i:u:", false)]
    public void Where_its_parts_are_enough_a_name_is_made_again_byte_by_byte(string text, bool areEnough)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Assert.True(UpidFields.TryParse(bytes, out UpidFields fields, out string? problem), problem);
        Assert.Equal(areEnough, UpidParts.AreEnough(fields, bytes));
        var parts = new UpidParts
        {
            IsBackupServer = fields.IsBackupServer,
            Remote = fields.Remote.Of(bytes),
            Node = fields.Node.Of(bytes),
            Pid = fields.Pid,
            PStart = (uint)fields.PStart,
            TaskId = (uint)fields.TaskId,
            StartTime = (uint)fields.StartTime,
            WorkerType = fields.WorkerType.Of(bytes),
            WorkerId = fields.WorkerId.Of(bytes),
            User = fields.User.Of(bytes),
        };
        byte[] made = new byte[parts.BytesMax];
        int length = parts.Write(made, out UpidFields again);
        Assert.Equal(areEnough, made.AsSpan(0, length).SequenceEqual(bytes));
        if (!areEnough)
            return;
        Assert.Equal(fields, again);
        Assert.Equal(parts.IsBackupServer ? length : length + 9, made.Length);
    }
}
