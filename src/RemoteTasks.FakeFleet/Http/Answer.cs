using System.Text.Json;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>A successful answer.</summary>
/// <param name="Data">Writes the value of <c>data</c>.</param>
/// <param name="Total">The member <c>total</c>; null leaves it out.</param>
/// <param name="More">Writes members beside <c>data</c>.</param>
internal sealed record Answer(Action<Utf8JsonWriter> Data, long? Total = null, Action<Utf8JsonWriter>? More = null)
{
    /// <summary>When set, the answer is this text as a download, not JSON.</summary>
    public (string FileName, string Text)? Download { get; init; }

    public static readonly Answer Null = new(static json => json.WriteNullValue());

    public static Answer Rows(IEnumerable<JsonRow> rows, long? total = null, Action<Utf8JsonWriter>? more = null) => new(
        json =>
        {
            json.WriteStartArray();
            foreach (var row in rows) row.WriteTo(json);
            json.WriteEndArray();
        },
        total,
        more);

    public static Answer Row(JsonRow row) => new(row.WriteTo);
}

/// <summary>The remote refuses. Each product words it in its own way: see <see cref="PveWire"/> and <see cref="PbsWire"/>.</summary>
internal sealed class RefusalException(int status, string message, IReadOnlyDictionary<string, string>? errors = null, bool empty = false)
    : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>Text for each wrong parameter.</summary>
    public IReadOnlyDictionary<string, string>? Errors { get; } = errors;

    /// <summary>The text is in the reason phrase alone.</summary>
    public bool Empty { get; } = empty;

    public static RefusalException Parameter(string name, string error) =>
        new(400, "Parameter verification failed.", new Dictionary<string, string>(StringComparer.Ordinal) { [name] = error });
}
