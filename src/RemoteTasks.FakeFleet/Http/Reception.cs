using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using RemoteTasks.FakeFleet.Life;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>Takes every request of the fleet: finds out whom it asks, checks the token, and answers in the manner of the product.</summary>
internal sealed class Reception(FleetOptions options)
{
    private readonly ConcurrentDictionary<string, long> requestsByRoute = new(StringComparer.Ordinal);
    private FrozenDictionary<int, (SimRemote Remote, NodeLife Entry)> hosts = FrozenDictionary<int, (SimRemote, NodeLife)>.Empty;
    private long requestCount;

    public long RequestCount => Interlocked.Read(ref requestCount);

    public long RequestsTo(string route) => requestsByRoute.GetValueOrDefault(route);

    public void Open(IEnumerable<KeyValuePair<int, (SimRemote, NodeLife)>> byPort) => hosts = byPort.ToFrozenDictionary();

    public async Task HandleAsync(HttpContext context)
    {
        if (!hosts.TryGetValue(context.Connection.LocalPort, out var host) || !host.Entry.Online)
        {
            context.Abort();
            return;
        }

        var (remote, entry) = host;
        var path = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        Count(remote, context.Request.Method, path);
        var delay = options.Delay + remote.Shown.Delay;
        // Real time: with a clock that stands still the answer would never come.
        if (delay > TimeSpan.Zero) await Task.Delay(delay, TimeProvider.System, context.RequestAborted);

        var now = options.Clock.GetUtcNow();
        context.Response.Headers.Date = now.AddSeconds(entry.Skew).ToString("R");
        context.Response.Headers.CacheControl = "max-age=0";
        if (FaultOf(remote.Shown, context.Request, path) is { } fault && await Faults.AnswerAsync(context, fault, remote.IsPbs)) return;
        var extJs = path is ["api2", "extjs", ..];
        try
        {
            var answer = Answer(context.Request, remote, entry, path, now.ToUnixTimeSeconds());
            await (remote.IsPbs ? PbsWire.SendAsync(context, answer, extJs) : PveWire.SendAsync(context, answer, extJs));
        }
        catch (RefusalException refusal)
        {
            await (remote.IsPbs ? PbsWire.RefuseAsync(context, refusal, extJs) : PveWire.RefuseAsync(context, refusal, extJs));
        }
    }

    private static Answer Answer(HttpRequest request, SimRemote remote, NodeLife entry, string[] path, long now)
    {
        string? header = request.Headers.Authorization;
        if (remote.IsPbs && !Authorization.IsPbs(header, remote.Shown)) throw new RefusalException(401, "authentication failed");
        if (!remote.IsPbs && !Authorization.IsPve(header, remote.Shown))
            throw new RefusalException(401, header is null ? "No ticket" : "Authentication failed!", empty: true);

        var delete = HttpMethods.IsDelete(request.Method);
        var hasBody = request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0;
        if (!(delete || HttpMethods.IsGet(request.Method)) || (!delete && hasBody))
            throw new RefusalException(501, $"Method '{request.Method} {request.Path}' not implemented");
        if (path is not ["api2", "json" or "extjs", .. var call]) throw new RefusalException(remote.IsPbs ? 404 : 501, "no such file");

        var authorised = new Call(remote, entry, now, delete, call, new Parameters(request.QueryString.Value, remote.IsPbs));
        return remote.IsPbs ? PbsRoutes.Answer(authorised) : PveRoutes.Answer(authorised);
    }

    private static FakeFault? FaultOf(FakeRemote remote, HttpRequest request, string[] path) => remote.Fault?.Invoke(
        new FakeRequest(request.Method, Route(path), path is [_, _, "nodes", var node, ..] ? node : null, request.QueryString.Value ?? ""));

    private static string Route(string[] path) => "/" + string.Join('/', path.Skip(2).Select((segment, at) => (at, path[at + 1]) switch
    {
        (_, "nodes") => "{node}",
        (3, "tasks") => "{upid}",
        _ => segment,
    }));

    private void Count(SimRemote remote, string method, string[] path)
    {
        Interlocked.Increment(ref requestCount);
        remote.Shown.CountRequest();
        requestsByRoute.AddOrUpdate($"{method} {Route(path)}", 1, static (_, count) => count + 1);
    }
}
