using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace RemoteTasks.Proxmox.Tests;

public sealed class AnswerSizeTests
{
    private static readonly ProxmoxClientOptions Small = new() { AnswerBytesMax = 100_000 };

    [Fact]
    public async Task A_gzip_answer_is_read()
    {
        await using FakeHost host = await FakeHost.StartAsync(context => GzipAsync(context, $$"""{"data":[{"upid":"{{Given.PveUpid}}"}],"total":1}"""));
        using ProxmoxClient client = Given.Pve(host);
        Assert.Equal(Given.PveUpid, Assert.Single((await client.ListAsync()).Tasks).Upid);
    }

    [Fact]
    public async Task A_small_gzip_answer_that_unfolds_beyond_the_limit_is_refused()
    {
        await using FakeHost host = await FakeHost.StartAsync(context => GzipAsync(context, new string(' ', 50_000_000)));
        using ProxmoxClient client = Given.Pve(host, Small);
        await AssertTooLargeAsync(client);
    }

    [Fact]
    public async Task A_plain_answer_beyond_the_limit_is_refused_with_and_without_its_length()
    {
        string body = new(' ', 100_001);
        await using FakeHost told = await FakeHost.StartAsync(context =>
        {
            context.Response.ContentLength = body.Length;
            return context.Response.WriteAsync(body);
        });
        await using FakeHost untold = await FakeHost.StartJsonAsync(body);
        using ProxmoxClient toldClient = Given.Pve(told, Small);
        using ProxmoxClient untoldClient = Given.Pve(untold, Small);
        await AssertTooLargeAsync(toldClient);
        await AssertTooLargeAsync(untoldClient);
    }

    [Fact]
    public async Task An_answer_of_exactly_the_limit_is_read()
    {
        string body = """{"data":[]}""".PadRight(100_000);
        await using FakeHost host = await FakeHost.StartJsonAsync(body);
        using ProxmoxClient client = Given.Pve(host, Small);
        Assert.Equal(0, (await client.ListAsync()).Total);
    }

    [Fact]
    public async Task Data_that_is_no_gzip_although_it_says_so_is_a_bad_answer()
    {
        await using FakeHost host = await FakeHost.StartAsync(context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.WriteAsync("""{"data":[]}""");
        });
        using ProxmoxClient client = Given.Pve(host);
        Assert.Equal(ProxmoxErrorKind.BadAnswer, (await Given.FailureAsync(() => client.ListAsync())).Kind);
    }

    [Fact]
    public async Task An_answer_cut_short_is_no_answer()
    {
        await using FakeHost host = await FakeHost.StartAsync(async context =>
        {
            context.Response.ContentLength = 500;
            await context.Response.WriteAsync("""{"data":[""");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        using ProxmoxClient client = Given.Pve(host);
        ProxmoxException e = await Given.FailureAsync(() => client.ListAsync());
        Assert.Equal(ProxmoxErrorKind.Unreachable, e.Kind);
        Assert.Contains("the connection broke before the answer was complete", e.Message, StringComparison.Ordinal);
    }

    private static async Task AssertTooLargeAsync(ProxmoxClient client)
    {
        ProxmoxException e = await Given.FailureAsync(() => client.ListAsync());
        Assert.Equal(ProxmoxErrorKind.AnswerTooLarge, e.Kind);
        Assert.Contains("larger than 100000 bytes", e.Message, StringComparison.Ordinal);
    }

    private static async Task GzipAsync(HttpContext context, string body)
    {
        context.Response.Headers.ContentEncoding = "gzip";
        await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
        await gzip.WriteAsync(Encoding.UTF8.GetBytes(body));
    }
}
