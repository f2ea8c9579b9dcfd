using System.Text;
using RemoteTasks.Proxmox.Answers;

namespace RemoteTasks.Proxmox.Tests;

public sealed class TaskListTests
{
    private const string Other = "UPID:pve1:0000C347:00000001:68D7279D:vzdump::root@pam:";
    private const long UpidStart = 0x68D7279C;

    [Fact]
    public void A_finished_row_of_pve_is_read_and_the_order_of_the_answer_kept()
    {
        TaskListAnswer answer = Read($$"""
            {"total":7,"changes":1,"data":[
              {"upid":"{{Other}}","starttime":1758930845,"endtime":1758930900,"status":"WARNINGS: 2","saved":"1","node":"pve1","pid":5,"extra":[{"a":{} }]},
              {"upid":"{{Given.PveUpid}}","starttime":1758930844,"endtime":1758930850,"status":"OK"}]}
            """);
        Assert.Equal([new(Other, 1758930845, 1758930900, "WARNINGS: 2"), new RemoteTask(Given.PveUpid, 1758930844, 1758930850, "OK")], answer.Tasks);
        Assert.Equal((7L, 2, 0), (answer.Total!.Value, answer.RowCount, answer.RejectedCount));
    }

    [Fact]
    public void A_running_row_keeps_its_status_text_and_has_no_end()
    {
        Assert.Equal(new RemoteTask(Given.PveUpid, 5, null, "RUNNING"), One($$"""{"upid":"{{Given.PveUpid}}","starttime":5,"status":"RUNNING"}"""));
        Assert.Equal(new RemoteTask(Given.PveUpid, 5, null, null), One($$"""{"upid":"{{Given.PveUpid}}","starttime":5,"status":null,"endtime":null}"""));
    }

    [Theory]
    [InlineData("\"1700000000\"")]
    [InlineData("1700000000")]
    [InlineData("1700000000.0")]
    [InlineData("1.7e9")]
    [InlineData("\"1700000000.25\"")]
    public void Numbers_may_be_written_in_any_way(string number) =>
        Assert.Equal(1_700_000_000, One($$"""{"upid":"{{Given.PveUpid}}","starttime":{{number}},"endtime":{{number}}}""").EndTime);

    [Theory]
    [InlineData("null")]
    [InlineData("\"soon\"")]
    [InlineData("-1")]
    [InlineData("1e300")]
    [InlineData("253402300800")]
    [InlineData("{}")]
    public void A_start_time_that_makes_no_sense_is_taken_from_the_upid(string start) =>
        Assert.Equal(UpidStart, One($$"""{"upid":"{{Given.PveUpid}}","starttime":{{start}}}""").StartTime);

    [Fact]
    public void The_start_time_of_a_pbs_upid_comes_after_the_task_id()
    {
        TaskListAnswer answer = Read($$"""{"data":[{"upid":"{{Given.PbsUpid.Replace(@"\", @"\\", StringComparison.Ordinal)}}"}]}""", RemoteType.Pbs);
        Assert.Equal(new RemoteTask(Given.PbsUpid, 0x643F3D37, null, null), Assert.Single(answer.Tasks));
    }

    [Fact]
    public void A_status_that_is_a_number_is_text_and_a_very_long_one_is_cut()
    {
        Assert.Equal("7", One($$"""{"upid":"{{Given.PveUpid}}","status":7,"endtime":9}""").Status);
        string status = One($$"""{"upid":"{{Given.PveUpid}}","status":"{{new string('x', 20_000)}}","endtime":9}""").Status!;
        Assert.Equal(TaskRow.StatusCharactersMax, status.Length);
        Assert.EndsWith("x…", status, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7", "no object")]
    [InlineData("null", "no object")]
    [InlineData("[]", "no object")]
    [InlineData("{}", "no UPID")]
    [InlineData("""{"upid":7}""", "no UPID")]
    [InlineData("""{"upid":null}""", "no UPID")]
    [InlineData("""{"upid":"\ud800"}""", "no UPID")]
    [InlineData("""{"upid":"hello"}""", "does not begin")]
    [InlineData("""{"upid":"UPID:n:1:2:3:t:i:u"}""", "8 parts where PVE has 9")]
    [InlineData("""{"upid":"UPID:n:00000001:00000002:00000003:68D7279C:t:i:u:"}""", "10 parts where PVE has 9")]
    [InlineData("""{"upid":"UPID:n:00000001:00000002:68D7279C:t:a b:u:"}""", "blanks or control")]
    [InlineData("""{"upid":"UPID:n:00000001:00000002:68D7279C:t:\u001b[2J:u:"}""", "blanks or control")]
    [InlineData("""{"upid":"UPID:n:00000001:00000002:XXXXXXXX:t:i:u:"}""", "start time")]
    [InlineData("""{"upid":"UPID:n:00000001:00000002:68D7279C:t:i:u:","endtime":"later"}""", "end time cannot be read")]
    [InlineData("""{"upid":"UPID:n:00000001:00000002:68D7279C:t:i:u:","endtime":9,"status":{}}""", "status cannot be read")]
    public void A_row_that_is_not_understood_is_counted_and_named_and_the_others_kept(string row, string reason)
    {
        TaskListAnswer answer = Read($$"""{"data":[{{row}},{"upid":"{{Given.PveUpid}}"}]}""");
        Assert.Equal(Given.PveUpid, Assert.Single(answer.Tasks).Upid);
        string rejected = Assert.Single(answer.Rejected);
        Assert.StartsWith("row 1: ", rejected, StringComparison.Ordinal);
        Assert.Contains(reason, rejected, StringComparison.Ordinal);
        Assert.DoesNotContain(rejected, char.IsControl);
        Assert.Equal((2, 1), (answer.RowCount, answer.RejectedCount));
    }

    [Fact]
    public void All_rejected_rows_are_counted_but_only_so_many_reasons_kept()
    {
        TaskListAnswer answer = Read($$"""{"data":[{{string.Join(',', Enumerable.Repeat("0", 5000))}}]}""");
        Assert.Equal((5000, 5000, 100), (answer.RowCount, answer.RejectedCount, answer.Rejected.Count));
    }

    [Fact]
    public void A_upid_of_endless_length_is_rejected_with_a_short_reason()
    {
        TaskListAnswer answer = Read($$"""{"data":[{"upid":"UPID:{{new string('a', 100_000)}}"}]}""");
        Assert.True(Assert.Single(answer.Rejected).Length <= 201);
    }

    [Fact]
    public void Of_a_doubled_upid_the_finished_row_stays_whichever_came_first()
    {
        string running = $$"""{"upid":"{{Given.PveUpid}}","status":"RUNNING"}""";
        string finished = $$"""{"upid":"{{Given.PveUpid}}","status":"OK","endtime":1758930850}""";
        string between = $$"""{"upid":"{{Other}}"}""";
        foreach (string data in (string[])[$"{running},{between},{finished}", $"{finished},{between},{running}"])
        {
            TaskListAnswer answer = Read($$"""{"data":[{{data}}]}""");
            Assert.Equal(["OK", null], answer.Tasks.Select(task => task.Status));
            Assert.Equal(3, answer.RowCount);
        }
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_replaced_in_the_status_and_the_row_kept()
    {
        byte[] json = [.. Encoding.UTF8.GetBytes($$"""{"data":[{"upid":"{{Given.PveUpid}}","endtime":9,"status":"disk \"a\" """), 0xE4, 0xFF, .. "\"}]}"u8];
        RemoteTask task = Assert.Single(TaskListReader.Read(json, RemoteType.Pve, TaskSource.All, null).Tasks);
        Assert.Equal("disk \"a\" \uFFFD\uFFFD", task.Status);
    }

    [Fact]
    public void The_total_of_pve_is_zero_when_left_out_of_an_empty_list_and_unknown_beside_rows()
    {
        Assert.Equal(0, Read("""{"data":[]}""").Total);
        Assert.Equal(12, Read("""{"data":[],"total":"12"}""").Total);
        Assert.Null(Read($$"""{"data":[{"upid":"{{Given.PveUpid}}"}]}""").Total);
    }

    [Fact]
    public void The_total_of_pbs_is_made_up_and_not_passed_on() => Assert.Null(Read("""{"data":[],"total":51}""", RemoteType.Pbs).Total);

    [Fact]
    public void Running_rows_are_dropped_from_an_archive_of_pbs_but_counted()
    {
        string upid = Given.PbsUpid.Replace(@"\", @"\\", StringComparison.Ordinal);
        string json = $$"""{"data":[{"upid":"{{upid}}"},{"upid":"{{upid.Replace("17CD", "17CE", StringComparison.Ordinal)}}","endtime":9,"status":"OK"}]}""";
        TaskListAnswer archive = Read(json, RemoteType.Pbs, TaskSource.Archive);
        Assert.Equal(9, Assert.Single(archive.Tasks).EndTime);
        Assert.Equal(2, archive.RowCount);
        Assert.Equal(2, Read(json, RemoteType.Pbs).Tasks.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>login</html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"data":null}""")]
    [InlineData("""{"data":{}}""")]
    [InlineData("""{"data":"x"}""")]
    [InlineData("""{"data":[""")]
    [InlineData("""{"data":[]} x""")]
    [InlineData("""{"data":[],"data":[]}""")]
    [InlineData("""{"data":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}""")]
    public async Task An_answer_that_is_no_list_is_a_bad_answer(string body)
    {
        await using FakeHost host = await FakeHost.StartJsonAsync(body);
        using ProxmoxClient client = Given.Pve(host);
        ProxmoxException e = await Given.FailureAsync(() => client.ListAsync());
        Assert.Equal(ProxmoxErrorKind.BadAnswer, e.Kind);
        Assert.Contains("API of a PVE host", e.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_clock_of_the_remote_comes_with_the_answer()
    {
        await using FakeHost host = await FakeHost.StartAsync(context =>
        {
            context.Response.Headers.Date = "Wed, 15 Nov 2023 00:00:00 GMT";
            return Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, """{"data":[]}""");
        });
        using ProxmoxClient client = Given.Pve(host);
        Assert.Equal(1_700_006_400, (await client.ListAsync()).RemoteTime);
    }

    private static RemoteTask One(string row) => Assert.Single(Read($$"""{"data":[{{row}}]}""").Tasks);

    private static TaskListAnswer Read(string json, RemoteType type = RemoteType.Pve, TaskSource source = TaskSource.All) =>
        TaskListReader.Read(Encoding.UTF8.GetBytes(json), type, source, remoteTime: null);
}
