using Microsoft.AspNetCore.Http;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>
/// How PVE wraps answers: <c>{data, total?}</c>; errors have the text in the reason phrase too and end the connection.
/// Below <c>/api2/extjs</c> everything but a missing login is 200.
/// </summary>
internal static class PveWire
{
    public static Task SendAsync(HttpContext context, Answer answer, bool extJs) => answer.Download is { } download
        ? Wire.DownloadAsync(context, download)
        : Wire.SendAsync(
            context,
            Wire.JsonType,
            Wire.Json(json =>
            {
                if (extJs) json.WriteNumber("success", 1);
                Wire.Members(json, answer);
            }),
            mayCompress: true);

    public static Task RefuseAsync(HttpContext context, RefusalException refusal, bool extJs)
    {
        if (extJs && !refusal.Empty)
        {
            return Wire.SendAsync(
                context,
                Wire.JsonType,
                Wire.Json(json =>
                {
                    json.WriteNumber("success", 0);
                    json.WriteNumber("status", refusal.Status);
                    Wire.Errors(json, refusal);
                }),
                mayCompress: false);
        }

        Wire.Reason(context, refusal.Status, refusal.Message);
        context.Response.Headers.Connection = "close";
        return refusal.Empty
            ? Task.CompletedTask
            : Wire.SendAsync(context, Wire.JsonType, Wire.Json(json => Wire.Errors(json, refusal)), mayCompress: false);
    }
}
