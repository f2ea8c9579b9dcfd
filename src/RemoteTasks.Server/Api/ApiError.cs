using System.Text.Encodings.Web;
using System.Text.Json;

namespace RemoteTasks.Server.Api;

/// <summary>Errors as Proxmox words them: <c>{"data":null,"message":"...","errors":{"param":"..."}}</c>.</summary>
internal static class ApiError
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static async Task WriteAsync(HttpContext context, int status, string message, IReadOnlyDictionary<string, string>? errors = null)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        var json = new Utf8JsonWriter(context.Response.BodyWriter, Json);
        await using (json)
        {
            json.WriteStartObject();
            json.WriteNull("data"u8);
            json.WriteString("message"u8, message);
            if (errors is { Count: > 0 })
            {
                json.WriteStartObject("errors"u8);
                foreach ((string name, string problem) in errors)
                    json.WriteString(name, problem);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }
    }

    internal static Task BadParametersAsync(HttpContext context, IReadOnlyDictionary<string, string> errors) =>
        WriteAsync(context, StatusCodes.Status400BadRequest, "parameter verification errors", errors);
}
