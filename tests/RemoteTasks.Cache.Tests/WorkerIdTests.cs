using System.Text;
using RemoteTasks.Cache.Upids;

namespace RemoteTasks.Cache.Tests;

/// <summary>Worker ids as people know them.</summary>
public sealed class WorkerIdTests
{
    [Theory]
    [InlineData("store\\x3avm-100", "store:vm/100")]
    [InlineData("plain", "plain")]
    [InlineData("a-b", "a/b")]
    [InlineData("\\x2F\\x2f", "//")]
    [InlineData("n-\\xc3\\xa9", "n/é")]
    [InlineData("cut\\x2", "cut\\x2")]
    [InlineData("cut\\x", "cut\\x")]
    [InlineData("no-x\\y2f", "no-x\\y2f")]
    [InlineData("no-hex\\xg0", "no-hex\\xg0")]
    [InlineData("no-hex\\x0g", "no-hex\\x0g")]
    [InlineData("no-utf8\\xff", "no-utf8\\xff")]
    public void A_backup_servers_id_is_unescaped_where_all_of_it_can_be(string raw, string shown)
    {
        Assert.Equal(shown, WorkerIds.Display(Encoding.UTF8.GetBytes(raw), isBackupServer: true));
        Assert.Equal(raw, WorkerIds.Display(Encoding.UTF8.GetBytes(raw), isBackupServer: false));
    }

    [Fact]
    public void An_empty_id_is_none_and_a_long_one_is_shown_whole()
    {
        Assert.Null(WorkerIds.Display([], isBackupServer: true));
        string slashes = new('/', 2_000);
        Assert.Equal(slashes, WorkerIds.Display(Encoding.UTF8.GetBytes(slashes.Replace('/', '-')), isBackupServer: true));
    }

    [Theory]
    [InlineData("100", false, true)]
    [InlineData("100@sync", false, true)]
    [InlineData("1000", false, false)]
    [InlineData("a100", false, false)]
    [InlineData(null, false, false)]
    [InlineData(null, true, false)]
    [InlineData("store:vm/100", true, true)]
    [InlineData("store:ns:ct/100/x", true, true)]
    [InlineData("vm/100", true, true)]
    [InlineData("host/100", true, false)]
    [InlineData("vm/1000", true, false)]
    [InlineData("100", true, false)]
    public void An_id_names_a_guest_only_as_a_whole(string? id, bool isBackupServer, bool isGuest) =>
        Assert.Equal(isGuest, WorkerIds.IsGuest(id, isBackupServer, "100"));

    [Theory]
    [InlineData("store:vm-100", true, true)]
    [InlineData("a-\\x310\\x30", true, true)]
    [InlineData("a-\\x2f\\x3a", true, false)]
    [InlineData("a-\\x2f\\x39", true, true)]
    [InlineData("a\\x3", true, false)]
    [InlineData("a\\x31", false, false)]
    public void Digits_may_be_escaped_by_a_backup_server(string raw, bool isBackupServer, bool may) =>
        Assert.Equal(may, WorkerIds.MayHaveDigits(Encoding.UTF8.GetBytes(raw), isBackupServer, "100"u8));
}
