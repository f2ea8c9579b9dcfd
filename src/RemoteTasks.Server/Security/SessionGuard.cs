using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using RemoteTasks.Server.Api;

namespace RemoteTasks.Server.Security;

/// <summary>
/// What browsers do by themselves is not what their user wants: a call with a session's cookie that changes something, or that opens a lasting
/// connection, has to come from a page of ours. And what runs in the name of a session ends with it.
/// </summary>
internal sealed class SessionGuard(RequestDelegate next, Sessions sessions, IAntiforgery antiforgery, ServerOptions options)
{
    /// <summary>Where open pages are connected; these calls cannot send a token.</summary>
    private const string PagesPath = "/_blazor";

    /// <summary>In which an open page can say goodbye, and lead to the sign-in page.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public async Task InvokeAsync(HttpContext context)
    {
        if (sessions.Find(context.User.FindFirstValue(ClaimTypes.NameIdentifier)) is not { } session)
        {
            await next(context);
            return;
        }

        bool isOfPages = context.Request.Path.StartsWithSegments(PagesPath, StringComparison.OrdinalIgnoreCase);
        if (isOfPages && IsForeign(context.Request))
        {
            await ApiError.WriteAsync(
                context, StatusCodes.Status403Forbidden, "Only pages of this daemon may open this. If it is behind a proxy, start it with --public-url.");
        }
        else if (!isOfPages && !await FormCheck.IsOwnAsync(antiforgery, context))
        {
            await ApiError.WriteAsync(
                context,
                StatusCodes.Status400BadRequest,
                "A browser's call that changes something needs the header and the value that GET /api2/json/session tells. Programs use a token instead.");
        }
        else
        {
            await RunAsync(context, session);
        }
    }

    /// <summary>Browsers say where a call comes from; older ones say only from which host.</summary>
    private bool IsForeign(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"] is [{ } site])
            return site is not ("same-origin" or "none");
        return request.Headers.Origin is [{ } origin]
            && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && (page.Authority == request.Host.Value || page.Authority == options.Web.PublicUrl?.Authority));
    }

    private async Task RunAsync(HttpContext context, Session session)
    {
        using var over = new CancellationTokenSource();
        await using CancellationTokenRegistration end = session.Ended.Register(() => _ = AbortAsync(context, over.Token));
        try
        {
            await next(context);
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    private static async Task AbortAsync(HttpContext context, CancellationToken over)
    {
        try
        {
            await Task.Delay(Grace, TimeProvider.System, over);
            context.Abort();
        }
        catch (OperationCanceledException)
        {
            // It has ended by itself.
        }
    }
}
