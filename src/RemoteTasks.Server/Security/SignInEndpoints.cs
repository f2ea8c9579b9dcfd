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
        routes.MapGet(SignInPage.StylePath, () => Results.Bytes(Style, "text/css; charset=utf-8")).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost(SignInPage.OutPath, SignOut).RequireAuthorization(Policies.Read).ExcludeFromDescription();
        routes.MapGet("/api2/json/session", WhoAmI).RequireAuthorization(Policies.Read)
            .WithName("session").WithSummary("Who is signed in, with which role; and what a browser's calls that change something must send.");
    }

    private static Task ShowAsync(HttpContext context)
    {
        string wanted = Local(context.Request.Query[SignInPage.ReturnField]);
        if (context.User.Identity?.IsAuthenticated != true)
            return SignInPage.FormAsync(context, StatusCodes.Status200OK, wanted);
        context.Response.Redirect(context.Request.PathBase + wanted);
        return Task.CompletedTask;
    }

    private static async Task SignInAsync(HttpContext context, IAntiforgery antiforgery, AdminToken adminToken, SessionCookie cookie)
    {
        IFormCollection form = await context.Request.ReadFormAsync(context.RequestAborted);
        string wanted = Local(form[SignInPage.ReturnField]);
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            await SignInPage.FormAsync(context, StatusCodes.Status400BadRequest, wanted, "This form had expired. Please try again.");
            return;
        }

        if (!adminToken.Is(form[SignInPage.TokenField].ToString().Trim()))
        {
            await SignInPage.FormAsync(context, StatusCodes.Status401Unauthorized, wanted, "That was not right.", form[SignInPage.UserField].ToString());
            return;
        }

        cookie.Begin(context, Account.OfAdminToken);
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = context.Request.PathBase + wanted;
    }

    private static void SignOut(HttpContext context, SessionCookie cookie)
    {
        cookie.End(context);
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = context.Request.PathBase + SignInPage.Path;
    }

    private static IResult WhoAmI(HttpContext context, IAntiforgery antiforgery)
    {
        AntiforgeryTokenSet tokens = antiforgery.GetAndStoreTokens(context);
        return Results.Json(new { data = new { name = context.User.Identity!.Name, role = Roles.Of(context.User)!.Value.Word(), header = tokens.HeaderName, antiforgery = tokens.RequestToken } });
    }

    /// <summary>A path of this daemon; anything else becomes its first page, so that nobody is sent elsewhere.</summary>
    internal static string Local(string? path) =>
        path is ['/', ..] && (path.Length == 1 || path[1] is not ('/' or '\\')) && !path.Any(char.IsControl) ? path : "/";

    private static byte[] ReadStyle()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("sign-in.css")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
