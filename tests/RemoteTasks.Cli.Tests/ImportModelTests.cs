using System.Text.Json;
using RemoteTasks.Cli.Tests.Support;

namespace RemoteTasks.Cli.Tests;

/// <summary>
/// Invariants checked: what goes in by `import`, in any order, with duplicates, late ends, running tasks and rubbish, comes out by
/// `list` exactly as a dictionary has it, row for row, whatever has been applied, rotated or reopened; and so for random filters, with
/// their totals.
/// </summary>
public sealed class ImportModelTests
{
    private const int Lines = 200_000;
    private const int Filters = 500;

    [Fact]
    public async Task Import_of_200000_shuffled_lines_lists_as_a_plain_model_does()
    {
        const int Seed = 20261124;
        using var directory = new TempDirectory();
        string cache = directory.PathOf("cache");
        (TaskModel model, int rubbish) = await WriteFileAsync(directory.PathOf("tasks.jsonl"), Seed);

        CommandResult import = await CommandResult.RunAsync("import", "--cache", cache, directory.PathOf("tasks.jsonl"));
        Assert.Equal(0, import.ExitCode);
        JsonElement counts = JsonDocument.Parse(import.Out).RootElement;
        Assert.Equal(Lines, counts.GetProperty("read").GetInt32());
        Assert.Equal(rubbish, counts.GetProperty("rejected").GetInt32());
        Assert.Equal(Lines, (int[])[.. "stored running rejected".Split(' ').Select(name => counts.GetProperty(name).GetInt32())] is var parts ? parts.Sum() : 0);
        Assert.Equal(rubbish, import.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        ModelTask[] all = model.All();
        string[] rows = [.. all.Select(task => Normal(task.ToRow()))];
        await AssertListedAsync(cache, rows, "after import");
        await CommandResult.GoodAsync("apply", "--cache", cache);
        await AssertListedAsync(cache, rows, "after apply");
        await CommandResult.GoodAsync("rotate", "--cache", cache, "--force");
        await AssertListedAsync(cache, rows, "after rotate");
        Assert.Contains("good.", await CommandResult.GoodAsync("check", "--cache", cache));

        await AssertFiltersAsync(cache, all, Seed);
    }

    private static async Task<(TaskModel Model, int Rubbish)> WriteFileAsync(string path, int seed)
    {
        var maker = new TaskMaker(seed, from: 1_795_000_000, to: 1_795_700_000);
        var lines = new List<(ModelTask? Task, string Text)>();
        while (lines.Count < Lines * 0.97)
        {
            ModelTask task = maker.Running();
            int kind = maker.Random.Next(100);
            if (kind < 4)
            {
                lines.Add((task, task.ToLine()));
                continue;
            }

            ModelTask end = maker.Finish(task);
            lines.Add((end, end.ToLine()));
            if (kind < 10)
                lines.Add((task, task.ToLine()));
            if (kind is >= 10 and < 15)
                lines.Add((end, end.ToLine()));
            if (kind is >= 15 and < 17)
                lines.Add((maker.Finish(task), ""));
        }

        while (lines.Count < Lines)
            lines.Add((null, maker.Rubbish()));
        var order = lines.Take(Lines).ToArray();
        maker.Random.Shuffle(order);

        var model = new TaskModel();
        await using var file = new StreamWriter(path);
        foreach ((ModelTask? task, string text) in order)
        {
            await file.WriteAsync(task is null ? text : task.ToLine());
            await file.WriteAsync('\n');
            if (task is not null)
                model.Add(task);
        }

        return (model, order.Count(line => line.Task is null));
    }

    private static async Task AssertListedAsync(string cache, string[] rows, string when)
    {
        string[] listed = (await CommandResult.GoodAsync("list", "--cache", cache, "--format", "jsonl", "--limit", "0")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(rows.Length == listed.Length, $"{when}: {listed.Length} rows instead of {rows.Length}");
        for (int i = 0; i < rows.Length; i++)
            Assert.True(rows[i] == Normal(listed[i]), $"{when}, row {i}: {listed[i]} instead of {rows[i]}");
    }

    private static async Task AssertFiltersAsync(string cache, ModelTask[] all, int seed)
    {
        var filters = new RandomFilters(seed + 1, all);
        for (int i = 0; i < Filters; i++)
        {
            RandomFilter filter = filters.Next();
            string[] args = ["list", "--cache", cache, "--format", "json", .. filter.Arguments];
            JsonElement body = JsonDocument.Parse(await CommandResult.GoodAsync(args)).RootElement;
            ModelTask[] matching = [.. all.Where(filter.Matches)];
            string what = string.Join(' ', args);
            Assert.True(matching.Length == body.GetProperty("total").GetInt64(), $"{what}: total {body.GetProperty("total")} instead of {matching.Length}");
            string[] expected = [.. matching.Skip(filter.Start).Take(filter.Limit == 0 ? int.MaxValue : filter.Limit).Select(task => Normal(task.ToRow()))];
            string[] found = [.. body.GetProperty("data").EnumerateArray().Select(row => Normal(row.GetRawText()))];
            Assert.True(expected.SequenceEqual(found), $"{what}: {found.Length} rows, first {found.FirstOrDefault()} instead of {expected.FirstOrDefault()}");
        }
    }

    /// <summary>The same object in one spelling: escapes and the order of members do not matter.</summary>
    private static string Normal(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).ToDictionary(
            member => member.Name, member => member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : member.Value.GetRawText()));
    }
}
