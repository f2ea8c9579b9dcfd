using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RemoteTasks.Cache;
using RemoteTasks.Server.Api;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests;

/// <summary>Copies that clients hold, and bodies that the daemon kept: never another's, never an old one.</summary>
public sealed class EntityTagTests
{
    private const string Tasks = "/api2/json/remotes/tasks";

    [Theory]
    [InlineData("list")]
    [InlineData("statistics")]
    public async Task A_copy_is_good_until_something_changes(string call)
    {
        await using var daemon = await EmptyDaemon.StartAsync(tasks: 200);
        using HttpClient http = daemon.Http();
        Answer first = await AskAsync(http, call);
        Assert.False(string.IsNullOrEmpty(first.Tag));
        Assert.Equal("no-cache, private", first.CacheControl);
        foreach (string copies in (string[])[first.Tag!, "*", "W/" + first.Tag, $"\"other\", {first.Tag}", $"W/\"x\",W/{first.Tag}, \"y\""])
        {
            Answer again = await AskAsync(http, call, copies);
            Assert.Equal((HttpStatusCode.NotModified, first.Tag, ""), (again.Status, again.Tag, again.Body));
            Assert.Equal("no-cache, private", again.CacheControl);
        }

        foreach (string others in (string[])["\"other\"", first.Tag!.Replace("\"", "", StringComparison.Ordinal), "nonsense", ""])
            Assert.Equal(first, await AskAsync(http, call, others));

        Write(daemon, new TaskBatch { Tasks = [EmptyDaemon.Record(200)] });
        Answer grown = await AskAsync(http, call, first.Tag);
        Assert.Equal(HttpStatusCode.OK, grown.Status);
        Assert.NotEqual(first.Tag, grown.Tag);
        Assert.Equal(201, Total(grown));

        // What nobody stored is part of an answer too.
        Write(daemon, new TaskBatch { Nodes = [new NodeReport("r", "n", 1_790_000_000) { Reached = false }] });
        Answer unknown = await AskAsync(http, call, grown.Tag);
        Assert.Equal(HttpStatusCode.OK, unknown.Status);
        Assert.Contains("not-reached", unknown.Body, StringComparison.Ordinal);
        Assert.Equal(unknown, await AskAsync(http, call));
    }

    [Fact]
    public async Task Other_questions_and_other_processes_have_other_tags()
    {
        string[] questions = ["list", "list?limit=51", "list?start=1", "list?errors=1", "list?text=a", "list?typefilter=a", "statistics", "statistics?errors=1"];
        var tags = new HashSet<string?>();
        for (int process = 0; process < 2; process++)
        {
            await using var daemon = await EmptyDaemon.StartAsync(tasks: 10);
            using HttpClient http = daemon.Http();
            foreach (string question in questions)
                Assert.True(tags.Add((await AskAsync(http, question)).Tag), question);
            Assert.Contains((await AskAsync(http, "list?limit=50&start=0")).Tag, tags);
            Assert.Contains((await AskAsync(http, "statistics?limit=7")).Tag, tags);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("limit=1000")]
    [InlineData("limit=0")]
    [InlineData("statusfilter=error")]
    [InlineData("text=%C3%BC%22")]
    public async Task A_kept_body_is_the_computed_one_byte_for_byte(string query)
    {
        await using var daemon = await EmptyDaemon.StartAsync(tasks: 6000);
        using HttpClient http = daemon.Http();
        using CacheReader reader = daemon.Server.Cache.Read();
        TaskQuery asked = query switch
        {
            "limit=1000" => new TaskQuery { Limit = 1000 },
            "limit=0" => new TaskQuery { Limit = 0 },
            "statusfilter=error" => new TaskQuery { Statuses = [StatusClass.Error] },
            "text=%C3%BC%22" => new TaskQuery { Text = "ü\"" },
            _ => new TaskQuery(),
        };
        string list = await BytesAsync(json => TaskJson.WriteListAsync(json, reader, asked, () => json.FlushAsync()));
        string statistics = await BytesAsync(json =>
        {
            TaskJson.WriteStatistics(json, reader.Statistics(asked));
            return Task.CompletedTask;
        });
        for (int time = 0; time < 3; time++)
        {
            Assert.Equal(list, (await AskAsync(http, $"list?{query}")).Body);
            Assert.Equal(statistics, (await AskAsync(http, $"statistics?{query}")).Body);
        }
    }

    [Fact]
    public async Task A_long_list_leaves_in_pieces_and_has_a_tag_all_the_same()
    {
        await using var daemon = await EmptyDaemon.StartAsync(tasks: 6000);
        using HttpClient http = daemon.Http();
        Answer all = await AskAsync(http, "list?limit=0");
        Assert.True(all.Body.Length > AnswerCache.BodyBytesMax);
        Assert.True(all.IsInPieces);
        Assert.Equal(HttpStatusCode.NotModified, (await AskAsync(http, "list?limit=0", all.Tag)).Status);
        Assert.False((await AskAsync(http, "list")).IsInPieces);
    }

    [Fact]
    public async Task An_answer_that_met_damage_has_no_tag_and_is_made_anew_each_time()
    {
        await using var daemon = await EmptyDaemon.StartAsync(tasks: 3000);
        string archive = Directory.GetFiles(daemon.CacheDirectory, "archive.*.zst").MaxBy(file => new FileInfo(file).Length)!;
        byte[] bytes = await File.ReadAllBytesAsync(archive);
        bytes.AsSpan(bytes.Length / 2, 30).Fill(0x55);
        await File.WriteAllBytesAsync(archive, bytes);

        // Another program writes, so that the damage cannot be noted and the version stays.
        using CacheWriter other = TaskCache.Open(daemon.CacheDirectory).Write();
        using HttpClient http = daemon.Http();
        foreach (string question in (string[])["list", "list?limit=0", "statistics"])
        {
            Answer damaged = await AskAsync(http, question);
            Assert.Contains("\"damaged\"", damaged.Body, StringComparison.Ordinal);
            Assert.Equal((HttpStatusCode.OK, null), (damaged.Status, damaged.Tag));
            Assert.Equal(damaged, await AskAsync(http, question, "*"));
        }

        Assert.Equal(0, daemon.Server.Answers.Bytes);
    }

    [Fact]
    public async Task A_copy_opens_no_door()
    {
        await using var daemon = await EmptyDaemon.StartAsync(tasks: 1);
        using HttpClient http = daemon.Http();
        Answer good = await AskAsync(http, "list");
        Assert.NotEqual(0, daemon.Server.Answers.Bytes);
        using var stranger = new HttpClient { BaseAddress = daemon.Server.Url };
        foreach (string? copies in (string?[])[null, "*", good.Tag])
        {
            Answer refused = await AskAsync(stranger, "list", copies);
            Assert.Equal((HttpStatusCode.Unauthorized, null), (refused.Status, refused.Tag));
        }

        Answer bad = await AskAsync(http, "list?limit=x", "*");
        Assert.Equal((HttpStatusCode.BadRequest, null), (bad.Status, bad.Tag));
    }

    // Invariants checked: an answer, whether computed, kept or a copy that was called good, has everything that had been stored when it was asked for.
    [Fact]
    public async Task No_answer_is_older_than_a_write_that_ended_before_it_was_asked_for()
    {
        const int Writes = 150;
        await using var daemon = await EmptyDaemon.StartAsync(tasks: 1);
        using HttpClient http = daemon.Http();
        int stored = 1;
        Task writing = Task.Run(() =>
        {
            for (int i = 1; i <= Writes; i++)
            {
                Write(daemon, new TaskBatch { Tasks = [EmptyDaemon.Record(i)] });
                Volatile.Write(ref stored, i + 1);
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 6).Select(reader => Task.Run(async () =>
        {
            string call = reader % 2 == 0 ? "list?limit=3" : "statistics";
            Answer? copy = null;
            bool isLast;
            do
            {
                isLast = writing.IsCompleted;
                int before = Volatile.Read(ref stored);
                Answer answer = await AskAsync(http, call, reader < 4 ? copy?.Tag : null);
                copy = answer.Status == HttpStatusCode.NotModified ? copy! : answer;
                Assert.InRange(Total(copy), before, Volatile.Read(ref stored) + 1);
            }
            while (!isLast);
            Assert.Equal(Writes + 1, Total(copy));
        })));
        await writing;
        Assert.Empty(daemon.Failures);
    }

    private static void Write(EmptyDaemon daemon, TaskBatch batch)
    {
        using CacheWriter writer = daemon.Server.Cache.Write();
        writer.Update(batch);
    }

    private static long Total(Answer answer) => JsonDocument.Parse(answer.Body).RootElement.GetProperty("total").GetInt64();

    private static async Task<Answer> AskAsync(HttpClient http, string question, string? copies = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Tasks}/{question}");
        if (copies is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", copies);
        using HttpResponseMessage response = await http.SendAsync(request);
        return new Answer(
            response.StatusCode,
            response.Headers.ETag?.ToString(),
            await response.Content.ReadAsStringAsync(),
            response.Headers.CacheControl?.ToString(),
            response.Headers.TransferEncodingChunked == true);
    }

    private static async Task<string> BytesAsync(Func<Utf8JsonWriter, Task> write)
    {
        using var bytes = new MemoryStream();
        var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        await using (json)
            await write(json);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private sealed record Answer(HttpStatusCode Status, string? Tag, string Body, string? CacheControl, bool IsInPieces);
}
