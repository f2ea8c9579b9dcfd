using System.Text;
using Microsoft.AspNetCore.Http;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>How PBS wraps answers. Its errors are plain text that claims to be JSON.</summary>
internal static class PbsWire
{
    public static Task SendAsync(HttpContext context, Answer answer, bool extJs) => answer.Download is { } download
        ? Wire.DownloadAsync(context, download)
        : Wire.SendAsync(
            context,
            Wire.JsonType,
            Wire.Json(json =>
            {
                Wire.Members(json, answer);
                // A log says "success" in any case.
                if (extJs && answer.More is null) json.WriteNumber("success", 1);
            }),
            mayCompress: false);

    public static Task RefuseAsync(HttpContext context, RefusalException refusal, bool extJs)
    {
        if (extJs && refusal.Status != 401)
        {
            return Wire.SendAsync(
                context,
                Wire.JsonType,
                Wire.Json(json =>
                {
                    json.WriteNull("data");
                    json.WriteNumber("success", 0);
                    json.WriteNumber("status", refusal.Status);
                    json.WriteString("message", Text(refusal));
                }),
                mayCompress: false);
        }

        context.Response.StatusCode = refusal.Status;
        return Wire.SendAsync(context, Wire.JsonType, Encoding.UTF8.GetBytes(Text(refusal)), mayCompress: false);
    }

    private static string Text(RefusalException refusal) => refusal.Errors is null
        ? refusal.Message
        : "parameter verification errors\n"
            + string.Concat(refusal.Errors.Select(static error => $"parameter '{error.Key}': {error.Value}\n"));
}
