using Microsoft.AspNetCore.Authorization;
using RemoteTasks.Server.Api;

namespace RemoteTasks.Server.Security;

/// <summary>What is answered to who is not signed in, or may not do what they ask for: a page to people, JSON to programs.</summary>
internal static class Refusals
{
    internal static Task NotSignedInAsync(HttpContext context)
    {
        if (IsForPeople(context.Request))
            return SignInPage.SendThereAsync(context);
        if (context.Request.HasFormContentType && WantsPage(context.Request))
        {
            // A form of a page whose session has ended meanwhile: what it says is not kept.
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = context.Request.PathBase + SignInPage.Path;
            return Task.CompletedTask;
        }

        context.Response.Headers.WWWAuthenticate = BearerHandler.SchemeName;
        return ApiError.WriteAsync(
            context,
            StatusCodes.Status401Unauthorized,
            "Sign in with 'Authorization: Bearer TOKEN'; the token is in the file admin-token of the data directory, or made by 'remote-tasks token add'.");
    }

    internal static Task NotAllowedAsync(HttpContext context)
    {
        string needed = context.GetEndpoint()?.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy).LastOrDefault(policy => policy is not null) ?? Policies.Admin;
        string has = Roles.Of(context.User)?.Word() ?? "none";
        string message = $"This needs the role '{needed.ToLowerInvariant()}'; '{context.User.Identity?.Name}' has the role '{has}'.";
        return IsForPeople(context.Request)
            ? SignInPage.NotAllowedAsync(context, message)
            : ApiError.WriteAsync(context, StatusCodes.Status403Forbidden, message);
    }

    /// <summary>Only what a browser opens as a page is led to another one; scripts and programs get a status they understand.</summary>
    private static bool IsForPeople(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && WantsPage(request);

    private static bool WantsPage(HttpRequest request) =>
        !request.Path.StartsWithSegments("/api2", StringComparison.OrdinalIgnoreCase)
        && !request.Path.StartsWithSegments("/openapi", StringComparison.OrdinalIgnoreCase)
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
