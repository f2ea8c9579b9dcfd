using System.Text;
using System.Text.Json;
using RemoteTasks.Cli.Tests.Support;

namespace RemoteTasks.Cli.Tests;

/// <summary>Every line that comes in is accounted for, whatever the input looks like.</summary>
public sealed class ImportTests
{
    [Theory]
    [InlineData("1\n2\n3\n")]
    [InlineData("1\n2\n3")]
    [InlineData("1\r\n2\r\n3\r\n")]
    [InlineData("1\r\n2\r\n3")]
    [InlineData("\ufeff1\r\n2\n3")]
    public async Task Line_ends_of_any_kind_a_mark_and_a_missing_last_one_change_nothing(string form)
    {
        using var directory = new TempDirectory();
        string text = form.Replace("1", SampleCache.Line(1), StringComparison.Ordinal);
        text = text.Replace("\n2", "\n" + SampleCache.Line(2), StringComparison.Ordinal).Replace("\n3", "\n" + SampleCache.Line(3), StringComparison.Ordinal);
        CommandResult result = await ImportAsync(directory, text);
        AssertCounts(result, read: 3, stored: 3, running: 0, rejected: 0);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task What_is_no_task_is_rejected_with_its_number_and_the_rest_goes_in()
    {
        using var directory = new TempDirectory();
        string[] lines = [SampleCache.Line(1), "", "\r", "bad", new string('x', 3 << 20), SampleCache.Line(2), "{\"upid\":1}", SampleCache.Line(3, isRunning: true), new string('y', (1 << 20) + 1)];
        CommandResult result = await ImportAsync(directory, string.Join('\n', lines));
        AssertCounts(result, read: 9, stored: 2, running: 1, rejected: 6);
        string[] said = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["line 2:", "line 3:", "line 4:", "line 5:", "line 7:", "line 9:"], said.Select(line => line[..7]));
        Assert.Equal("line 2: the line is empty", said[0]);
        Assert.Equal("line 3: the line is empty", said[1]);
        Assert.Equal("line 5: the line is too long", said[3]);
        Assert.Equal("line 9: the line is too long", said[5]);
    }

    [Fact]
    public async Task Nothing_at_all_makes_an_empty_cache()
    {
        using var directory = new TempDirectory();
        AssertCounts(await ImportAsync(directory, ""), read: 0, stored: 0, running: 0, rejected: 0);
        Assert.Equal("", await CommandResult.GoodAsync("list", "--cache", directory.PathOf("cache"), "--format", "jsonl"));
        Assert.Contains("0 tasks", await CommandResult.GoodAsync("check", "--cache", directory.PathOf("cache")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_exits_1_and_leaves_no_cache()
    {
        using var directory = new TempDirectory();
        CommandResult result = await CommandResult.RunAsync("import", "--cache", directory.PathOf("cache"), directory.PathOf("none.jsonl"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("none.jsonl", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory.PathOf("cache")));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("7")]
    [InlineData("1000000")]
    public async Task The_size_of_batches_does_not_matter(string batch)
    {
        using var directory = new TempDirectory();
        string[] lines = [.. SampleCache.Mixed(30), "bad", .. SampleCache.Mixed(10)];
        await File.WriteAllLinesAsync(directory.PathOf("in"), lines);
        CommandResult result = await CommandResult.RunAsync("import", "--cache", directory.PathOf("cache"), directory.PathOf("in"), "--batch", batch);
        AssertCounts(result, read: 41, stored: 38, running: 2, rejected: 1);
        Assert.Equal("line 31: the line is not a JSON object\n", result.Error);
    }

    private static Task<CommandResult> ImportAsync(TempDirectory directory, string text) =>
        CommandResult.RunAsync(["import", "--cache", directory.PathOf("cache"), "-"], Encoding.UTF8.GetBytes(text));

    private static void AssertCounts(CommandResult result, int read, int stored, int running, int rejected)
    {
        Assert.Equal(0, result.ExitCode);
        Assert.Equal('\n', Assert.Single(result.Out, c => c == '\n'));
        JsonElement counts = JsonDocument.Parse(result.Out).RootElement;
        Assert.Equal(["read", "stored", "running", "rejected", "seconds"], counts.EnumerateObject().Select(member => member.Name));
        Assert.Equal((read, stored, running, rejected), (Number("read"), Number("stored"), Number("running"), Number("rejected")));
        Assert.True(counts.GetProperty("seconds").GetDouble() >= 0);

        int Number(string name) => counts.GetProperty(name).GetInt32();
    }
}
