using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Antiforgery;

namespace RemoteTasks.Server.Security;

/// <summary>The pages that people see who are not signed in: plain HTML, which needs no script.</summary>
internal static class SignInPage
{
    internal const string Path = "/sign-in";
    internal const string StylePath = "/sign-in.css";
    internal const string OncePath = "/sign-in/once";
    internal const string OutPath = "/sign-out";

    internal const string UserField = "user";
    internal const string PasswordField = "password";
    internal const string TokenField = "token";
    internal const string ReturnField = "return";

    private const string ErrorId = "problem";

    private static readonly HtmlEncoder Html = HtmlEncoder.Default;

    /// <summary>A path of this daemon, as it stands in an address; anything else becomes its first page, so that nobody is sent elsewhere.</summary>
    internal static string Local(string? path) =>
        path is ['/', ..] && (path.Length == 1 || path[1] is not ('/' or '\\')) && path.All(c => c is >= '!' and <= '~') ? path : "/";

    /// <summary>To the sign-in page, and from there back to where one wanted to go.</summary>
    internal static Task SendThereAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        string wanted = Local(request.Path + request.QueryString.Value);
        context.Response.Headers.CacheControl = "no-store";

        // Browsers hold the cookie back when a link on another site, such as a mail, led here; from a page of ours they send it.
        if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
            return GoOnAsync(context, wanted);
        context.Response.Redirect($"{request.PathBase}{Path}{(wanted == "/" ? "" : QueryString.Create(ReturnField, wanted))}");
        return Task.CompletedTask;
    }

    /// <summary>
    /// A page that goes on to another one by itself: as one of ours, so that the browser sends the session's cookie. Its own address, which may have a
    /// code in it, is told to nobody.
    /// </summary>
    internal static Task GoOnAsync(HttpContext context, string path)
    {
        string target = Html.Encode(context.Request.PathBase + path);
        return WriteAsync(
            context,
            StatusCodes.Status200OK,
            "One moment",
            $"""<p><a href="{target}">Go on</a></p>""",
            $"""<meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url={target}">""");
    }

    /// <summary>The form.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status of the answer.</param>
    /// <param name="wanted">Where to go afterwards, a path of ours.</param>
    /// <param name="problem">What was wrong with the last try; null: there was none.</param>
    /// <param name="user">Who tried.</param>
    /// <param name="ofToken">The problem is with the token.</param>
    internal static Task FormAsync(HttpContext context, int status, string wanted, string? problem = null, string user = "", bool ofToken = false)
    {
        AntiforgeryTokenSet tokens = context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context);
        string action = Html.Encode(context.Request.PathBase + Path);
        string hidden = $"""
            <input type="hidden" name="{tokens.FormFieldName}" value="{Html.Encode(tokens.RequestToken!)}">
            <input type="hidden" name="{ReturnField}" value="{Html.Encode(wanted)}">
            """;
        string tied = problem is null || ofToken ? "" : $"""aria-invalid="true" aria-describedby="{ErrorId}" """;
        string tiedToToken = ofToken ? $"""aria-invalid="true" aria-describedby="{ErrorId} where" """ : """aria-describedby="where" """;
        (string onUser, string onPassword, string onToken) = ofToken ? ("", "", "autofocus") : user.Length > 0 ? ("", "autofocus", "") : ("autofocus", "", "");
        return WriteAsync(context, status, "Sign in", $"""
            <h1>Sign in</h1>
            {(problem is null ? "" : $"""<p id="{ErrorId}" class="problem" role="alert">{Html.Encode(problem)}</p>""")}
            <form method="post" action="{action}">
            {hidden}
            <label for="user">User</label>
            <input id="user" name="{UserField}" value="{Html.Encode(user)}" autocomplete="username" autocapitalize="none" spellcheck="false" required {onUser} {tied}>
            <label for="password">Password</label>
            <input id="password" name="{PasswordField}" type="password" autocomplete="current-password" required {onPassword} {tied}>
            <button type="submit">Sign in</button>
            </form>
            <h2>Or with the admin token</h2>
            <form method="post" action="{action}">
            {hidden}
            <label for="token">Admin token</label>
            <input id="token" name="{TokenField}" type="password" autocomplete="off" required {onToken} {tiedToToken}>
            <p id="where" class="hint">It is in the file <code>admin-token</code> of the daemon's data directory.</p>
            <button type="submit">Sign in with the token</button>
            </form>
            """);
    }

    internal static Task NotAllowedAsync(HttpContext context, string message) => WriteAsync(context, StatusCodes.Status403Forbidden, "Not allowed", $"""
        <h1>Not allowed</h1>
        <p>{Html.Encode(message)}</p>
        <p><a href="{Html.Encode(context.Request.PathBase + "/")}">Back to the tasks</a></p>
        """);

    /// <summary>A page with some words and a link to the form.</summary>
    internal static Task NoteAsync(HttpContext context, int status, string title, string text) => WriteAsync(context, status, title, $"""
        <h1>{Html.Encode(title)}</h1>
        <p>{Html.Encode(text)}</p>
        <p><a href="{Html.Encode(context.Request.PathBase + Path)}">Sign in</a></p>
        """);

    private static Task WriteAsync(HttpContext context, int status, string title, string body, string head = "")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            {head}
            <link rel="icon" href="data:,">
            <title>{Html.Encode(title)} · RemoteTasks</title>
            <link rel="stylesheet" href="{Html.Encode(context.Request.PathBase + StylePath)}">
            </head>
            <body>
            <main>
            <p class="product">RemoteTasks</p>
            {body}
            </main>
            </body>
            </html>
            """, context.RequestAborted);
    }
}
