using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;

namespace RemoteTasks.Server.Security;

/// <summary>Whether what is sent comes from a form or a script of ours.</summary>
internal static class FormCheck
{
    private const int BytesMax = 16 << 10;

    /// <summary>The fields of a form that anybody may send, so a small one; null: it is none.</summary>
    internal static async Task<IFormCollection?> ReadAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = BytesMax;
        if (context.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true)
            return null;
        try
        {
            return await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Always so for calls that change nothing.</summary>
    internal static async Task<bool> IsOwnAsync(IAntiforgery antiforgery, HttpContext context)
    {
        try
        {
            return await antiforgery.IsRequestValidAsync(context);
        }
        catch (AntiforgeryValidationException error)
        {
            // The form cannot even be read. That it is too large is another answer.
            if (error.InnerException is BadHttpRequestException tooLarge)
                ExceptionDispatchInfo.Throw(tooLarge);
            return false;
        }
    }
}
