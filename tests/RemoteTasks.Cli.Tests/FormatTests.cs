using System.Text.Json;
using RemoteTasks.Cli.Tests.Support;

namespace RemoteTasks.Cli.Tests;

/// <summary>The four forms of a list, and of counts.</summary>
public sealed class FormatTests
{
    private const string Odd = "say \"hi\", ok\r\nnext";

    [Fact]
    public async Task Json_is_the_body_of_rest_and_json_lines_are_its_rows()
    {
        using var directory = new TempDirectory();
        string cache = await SampleCache.MakeAsync(directory, SampleCache.Line(1, id: "", status: Odd), SampleCache.Line(2, status: null, isRunning: true), SampleCache.Line(3));
        string json = await CommandResult.GoodAsync("list", "--cache", cache, "--format", "json", "--limit", "2");
        JsonElement body = JsonDocument.Parse(json).RootElement;
        Assert.Equal(["data", "total", "next", "unknown"], body.EnumerateObject().Select(member => member.Name));
        Assert.Equal(3, body.GetProperty("total").GetInt32());
        Assert.EndsWith("}\n", json, StringComparison.Ordinal);
        Assert.Equal(["data", "total", "unknown"], JsonDocument.Parse(await CommandResult.GoodAsync("list", "--cache", cache, "--format", "json")).RootElement.EnumerateObject().Select(member => member.Name));

        string[] lines = Lines(await CommandResult.GoodAsync("list", "--cache", cache, "--format", "jsonl"));
        Assert.Equal(body.GetProperty("data").EnumerateArray().Select(row => row.GetRawText()), lines[..2]);
        JsonElement oldest = JsonDocument.Parse(lines[2]).RootElement;
        Assert.Equal(
            ["upid", "remote", "node", "pid", "pstart", "starttime", "worker_type", "worker_id", "user", "endtime", "status"],
            oldest.EnumerateObject().Select(member => member.Name));
        Assert.Equal(JsonValueKind.Null, oldest.GetProperty("worker_id").ValueKind);
        Assert.Equal(Odd, oldest.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Csv_is_that_of_rfc_4180()
    {
        using var directory = new TempDirectory();
        string cache = await SampleCache.MakeAsync(
            directory, SampleCache.Line(1, status: Odd), SampleCache.Line(2, user: "a,b@pam", status: "line\nfeed"), SampleCache.Line(3, user: "q\"@pam", status: "carriage\rreturn"), SampleCache.Line(4, status: null, isRunning: true));
        string[][] records = Csv(await CommandResult.GoodAsync("list", "--cache", cache, "--format", "csv"));
        Assert.Equal(["upid", "remote", "node", "pid", "pstart", "starttime", "endtime", "worker_type", "worker_id", "user", "status"], records[0]);
        Assert.Equal(5, records.Length);
        Assert.Equal(["4", "1", "1790000004", "", "qmstart", "100", "root@pam", ""], records[1][3..]);
        Assert.Equal(["q\"@pam", "carriage\rreturn"], records[2][9..]);
        Assert.Equal(["a,b@pam", "line\nfeed"], records[3][9..]);
        Assert.Equal(["root@pam", Odd], records[4][9..]);

        string[][] counts = Csv(await CommandResult.GoodAsync("stats", "--cache", cache, "--format", "csv"));
        Assert.Equal(["group", "name", "error", "warning", "unknown", "ok", "running"], counts[0]);
        Assert.Equal(["all", "all", "3", "0", "0", "0", "1"], counts[^1]);
        Assert.Single(Csv(await CommandResult.GoodAsync("list", "--cache", cache, "--format", "csv", "--remote", "nobody")));
    }

    [Fact]
    public async Task A_table_is_aligned_harmless_and_without_colour_and_its_footer_stands_beside_it()
    {
        using var directory = new TempDirectory();
        string cache = await SampleCache.MakeAsync(
            directory,
            SampleCache.Line(1, id: "日本", status: "job \u001b[2J\u009b31m\u202eerrors\r\n"),
            SampleCache.Line(2, type: "x", id: "a\u001b]0;evil\u0007", user: "a'$(id)'@pam", status: "OK"),
            SampleCache.Line(3, status: "WARNINGS: 1"));
        CommandResult result = await CommandResult.RunAsync("list", "--cache", cache);
        string[] lines = Lines(result.Out);
        Assert.Equal(4, lines.Length);
        Assert.StartsWith("START ", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain(result.Out, c => c != '\n' && (char.IsControl(c) || c == '\u202e'));
        int column = lines[0].IndexOf("USER", StringComparison.Ordinal);
        Assert.Equal("root@pam", lines[1].Substring(column, 8));
        Assert.Equal("a'$(id)'", lines[2].Substring(column, 8));
        Assert.Equal("root@pam", lines[3].Substring(column - 2, 8));
        Assert.EndsWith("job ?[2J?31m?errors??", lines[3], StringComparison.Ordinal);
        Assert.Equal("3 tasks match.\n", result.Error);
        Assert.Equal("1 task matches.\n", (await CommandResult.RunAsync("list", "--cache", cache, "--type", "x")).Error);

        // Pasted into a shell, the continuation runs nothing.
        CommandResult page = await CommandResult.RunAsync("list", "--cache", cache, "--limit", "2");
        Assert.Contains(@"a'\''$(id)'\''@pam:'.", page.Error, StringComparison.Ordinal);
        Assert.StartsWith("3 tasks match; the list goes on with --after 'pve:pve-1!UPID:", page.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counts_as_tables_have_the_most_failures_first()
    {
        using var directory = new TempDirectory();
        string cache = await SampleCache.MakeAsync(directory, SampleCache.Line(1, type: "a"), SampleCache.Line(2, type: "b", status: "bad"), SampleCache.Line(3, type: "c", status: null, isRunning: true));
        string[] lines = Lines(await CommandResult.GoodAsync("stats", "--cache", cache));
        Assert.Equal(["TYPE", "b", "a", "c", "REMOTE"], lines.Take(5).Select(line => line.Split(' ')[0]));
        Assert.All(lines.Take(4), line => Assert.Equal(lines[0].Length, line.Length));
        Assert.Equal(6, Lines(await CommandResult.GoodAsync("stats", "--cache", cache, "--format", "jsonl")).Length);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A reader that knows nothing but the RFC: CRLF between records, quotes doubled within quotes.</summary>
    private static string[][] Csv(string text)
    {
        var records = new List<string[]>();
        var fields = new List<string>();
        int at = 0;
        while (at < text.Length)
        {
            bool isQuoted = text[at] == '"';
            int end = isQuoted ? at + 1 : at;
            if (isQuoted)
            {
                while (text[end] != '"' || (end + 1 < text.Length && text[end + 1] == '"'))
                    end += text[end] == '"' ? 2 : 1;
                fields.Add(text[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal));
                end++;
            }
            else
            {
                end = text.AsSpan(at).IndexOfAny(",\r\n\"") + at;
                fields.Add(text[at..end]);
            }

            at = end + 1;
            if (text[end] == ',')
                continue;
            Assert.Equal("\r\n", text.Substring(end, 2));
            at++;
            records.Add([.. fields]);
            fields.Clear();
        }

        return [.. records];
    }
}
