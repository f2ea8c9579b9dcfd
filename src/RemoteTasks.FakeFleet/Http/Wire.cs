using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>What both products put on the wire alike.</summary>
internal static class Wire
{
    public const string JsonType = "application/json;charset=UTF-8";
    private const int GzipBytesMin = 1_024;

    public static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4_096);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static void Members(Utf8JsonWriter json, Answer answer)
    {
        json.WritePropertyName("data");
        answer.Data(json);
        if (answer.Total is { } total) json.WriteNumber("total", total);
        answer.More?.Invoke(json);
    }

    public static void Errors(Utf8JsonWriter json, RefusalException refusal)
    {
        json.WriteNull("data");
        json.WriteString("message", refusal.Message + "\n");
        if (refusal.Errors is null) return;
        json.WriteStartObject("errors");
        foreach (var (name, text) in refusal.Errors) json.WriteString(name, text);
        json.WriteEndObject();
    }

    public static Task DownloadAsync(HttpContext context, (string FileName, string Text) download)
    {
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{download.FileName}\"";
        return SendAsync(context, "text/plain", Encoding.UTF8.GetBytes(download.Text), mayCompress: true);
    }

    public static async Task SendAsync(HttpContext context, string contentType, byte[] body, bool mayCompress)
    {
        context.Response.ContentType = contentType;
        var accepted = context.Request.Headers.AcceptEncoding.ToString();
        if (mayCompress && body.Length > GzipBytesMin && accepted.Contains("gzip", StringComparison.Ordinal))
        {
            using var packed = new MemoryStream();
            await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                await gzip.WriteAsync(body, context.RequestAborted);
            body = packed.ToArray();
            context.Response.Headers.ContentEncoding = "gzip";
        }

        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>Sets a status that carries its text in the reason phrase.</summary>
    public static void Reason(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        var line = new StringBuilder(text.Split('\n')[0]);
        for (var at = 0; at < line.Length; at++)
            if (line[at] is < ' ' or > '~') line[at] = '?';
        context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = line.ToString();
    }
}
