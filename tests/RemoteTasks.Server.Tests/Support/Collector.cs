using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace RemoteTasks.Server.Tests.Support;

/// <summary>
/// An OpenTelemetry collector, as far as a sender can tell: it takes every gRPC call without TLS and answers with an empty message. What it was sent is kept as bytes,
/// in which names and values stand as text.
/// </summary>
internal sealed class Collector : IAsyncDisposable
{
    // A gRPC message: not compressed, of no length.
    private static readonly byte[] EmptyMessage = new byte[5];

    private readonly ConcurrentDictionary<string, string> _calls = new(StringComparer.Ordinal);
    private readonly WebApplication _server;

    private Collector(WebApplication server) => _server = server;

    internal Uri Url => new(_server.Urls.Single());

    internal static async Task<Collector> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var collector = new Collector(builder.Build());
        collector._server.Run(collector.TakeAsync);
        await collector._server.StartAsync();
        return collector;
    }

    /// <summary>All that was sent to a service such as <c>TraceService</c>.</summary>
    internal string SentTo(string service) => string.Concat(_calls.Where(call => call.Key.Contains(service, StringComparison.Ordinal)).Select(call => call.Value));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        string text = Encoding.Latin1.GetString(body.ToArray());
        _calls.AddOrUpdate(context.Request.Path, text, (_, before) => before + text);
        context.Response.ContentType = "application/grpc";
        context.Response.AppendTrailer("grpc-status", "0");
        await context.Response.Body.WriteAsync(EmptyMessage);
    }
}
