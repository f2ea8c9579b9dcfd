using System.Text;
using System.Text.Json;

namespace RemoteTasks.Proxmox.Answers;

/// <summary>
/// The text of an HTTP error. PVE puts it into the reason phrase (and nothing else for 401 and 595), into <c>message</c> and into an <c>errors</c> map;
/// PBS sends plain text and calls it JSON. So the body is JSON only if it can be read as such.
/// </summary>
internal sealed class ErrorText
{
    private readonly List<string> _parameters = [];

    internal ErrorText(int status, string? reasonPhrase, ReadOnlyMemory<byte> body)
    {
        Status = status;
        Text = Read(body) is { Length: > 0 } text ? text : RemoteText.Clean(reasonPhrase ?? "");
    }

    internal int Status { get; }

    /// <summary>Cleaned and shortened; may be empty.</summary>
    internal string Text { get; }

    /// <summary>Names of the parameters refused.</summary>
    internal IReadOnlyList<string> Parameters => _parameters;

    internal bool Says(string part) => Text.Contains(part, StringComparison.OrdinalIgnoreCase);

    private string Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = JsonValues.DepthMax });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return ReadObject(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Plain text, or JSON that was cut off: shown as it is.
        }
        return RemoteText.Clean(Encoding.UTF8.GetString(body.Span));
    }

    private string ReadObject(JsonElement root)
    {
        string message = RemoteText.Clean(JsonValues.Text(JsonValues.Member(root, "message")) ?? "");
        if (JsonValues.Member(root, "errors") is not { ValueKind: JsonValueKind.Object } errors)
            return message;
        var parts = new List<string>();
        foreach (JsonProperty error in errors.EnumerateObject().Take(10))
        {
            string name = RemoteText.Clean(error.Name, 64);
            _parameters.Add(name);
            parts.Add($"{name}: {RemoteText.Clean(JsonValues.Text(error.Value) ?? "")}");
        }
        return RemoteText.Clean($"{message} {string.Join("; ", parts)}", 600);
    }
}
