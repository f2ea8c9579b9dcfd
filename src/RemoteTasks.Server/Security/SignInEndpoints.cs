using System.Reflection;
using Microsoft.AspNetCore.Antiforgery;

namespace RemoteTasks.Server.Security;

/// <summary>Signing in and out by a browser, and who one is.</summary>
internal static class SignInEndpoints
{
    private static readonly byte[] Style = ReadStyle();

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(SignInPage.Path, ShowAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost(SignInPage.Path, SignInAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet($"{SignInPage.OncePath}/{{code}}", SignInOnceAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet(SignInPage.StylePath, () => Results.Bytes(Style, "text/css; charset=utf-8")).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost(SignInPage.OutPath, SignOut).RequireAuthorization(Policies.Read).ExcludeFromDescription();
        routes.MapGet("/api2/json/session", WhoAmI).RequireAuthorization(Policies.Read)
            .WithName("session").WithSummary("Who is signed in, with which role; and what a browser's calls that change something must send.");
    }

    private static Task ShowAsync(HttpContext context)
    {
        string wanted = SignInPage.Local(context.Request.Query[SignInPage.ReturnField]);
        if (context.User.Identity?.IsAuthenticated != true)
            return SignInPage.FormAsync(context, StatusCodes.Status200OK, wanted);
        GoTo(context, wanted);
        return Task.CompletedTask;
    }

    private static async Task SignInAsync(HttpContext context, IAntiforgery antiforgery, SignIns signIns)
    {
        if (await FormCheck.ReadAsync(context) is not { } form)
        {
            await SignInPage.FormAsync(context, StatusCodes.Status400BadRequest, "/", "That was not this form.");
            return;
        }

        string wanted = SignInPage.Local(form[SignInPage.ReturnField]);
        string name = form[SignInPage.UserField].ToString().Trim();
        if (!await FormCheck.IsOwnAsync(antiforgery, context))
        {
            await SignInPage.FormAsync(context, StatusCodes.Status400BadRequest, wanted, Expired(context), name);
            return;
        }

        string token = form[SignInPage.TokenField].ToString().Trim();
        SignInOutcome outcome = token.Length > 0
            ? await signIns.ByTokenAsync(context, token)
            : await signIns.ByPasswordAsync(context, name, form[SignInPage.PasswordField].ToString());
        if (outcome.IsIn)
            GoTo(context, wanted);
        else if (outcome.Wait is { } wait)
            await SignInPage.FormAsync(context, StatusCodes.Status429TooManyRequests, wanted, HaveThemWait(context, wait), name);
        else
            await SignInPage.FormAsync(context, StatusCodes.Status401Unauthorized, wanted, Wrong(token), name, ofToken: token.Length > 0);
    }

    /// <summary>Not for browsers that fetch a link before anybody has opened it: it can be used once.</summary>
    private static async Task SignInOnceAsync(string code, HttpContext context, SignIns signIns)
    {
        if (context.Request.Headers["Sec-Purpose"].Count > 0)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        SignInOutcome outcome = await signIns.ByCodeAsync(context, code);
        if (outcome.IsIn)
            await SignInPage.GoOnAsync(context, "/");
        else if (outcome.Wait is { } wait)
            await SignInPage.NoteAsync(context, StatusCodes.Status429TooManyRequests, "Not now", HaveThemWait(context, wait));
        else
        {
            await SignInPage.NoteAsync(
                context,
                StatusCodes.Status401Unauthorized,
                "This link is used up",
                "It signs in once, within ten minutes after it was printed. The admin token always does.");
        }
    }

    private static void SignOut(HttpContext context, SignIns signIns)
    {
        signIns.End(context);
        GoTo(context, SignInPage.Path);
    }

    private static IResult WhoAmI(HttpContext context, IAntiforgery antiforgery)
    {
        AntiforgeryTokenSet tokens = antiforgery.GetAndStoreTokens(context);
        return Results.Json(new
        {
            data = new
            {
                name = context.User.Identity!.Name,
                role = Roles.Of(context.User)!.Value.Word(),
                header = tokens.HeaderName,
                antiforgery = tokens.RequestToken,
            },
        });
    }

    private static void GoTo(HttpContext context, string path)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = context.Request.PathBase + path;
        context.Response.Headers.CacheControl = "no-store";
    }

    private static string HaveThemWait(HttpContext context, TimeSpan wait)
    {
        int seconds = (int)Math.Ceiling(Math.Max(1, wait.TotalSeconds));
        context.Response.Headers.RetryAfter = $"{seconds}";
        return $"There were too many tries. Please wait {seconds} seconds.";
    }

    /// <summary>That a browser keeps no cookie is only seen by that.</summary>
    private static string Expired(HttpContext context) => "This form was open for too long. Please try again."
        + (context.Request.IsHttps ? "" : " If it happens again: your browser keeps no cookies of pages that come by plain HTTP. "
            + "Open this one by HTTPS, or as http://127.0.0.1 on the machine itself.");

    private static string Wrong(string token) => token.Length > 0 ? "This is not the admin token." : "User or password is wrong.";

    private static byte[] ReadStyle()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("sign-in.css")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
