using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using RemoteTasks.Benchmarks.Data;

namespace RemoteTasks.Benchmarks.LineScan;

/// <summary>Tasks as lines, and what the reference keeps of nodes beside them.</summary>
internal static class LineWriting
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("{}\":,\n"u8);
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    internal static ReadOnlyMemory<byte> Lines(IEnumerable<TaskInput> tasks)
    {
        var bytes = new ArrayBufferWriter<byte>(64 << 10);
        using var json = new Utf8JsonWriter(bytes, Options);
        foreach (TaskInput task in tasks)
        {
            json.WriteStartObject();
            json.WriteString("upid"u8, task.Upid);
            json.WriteNumber("starttime"u8, task.Start);
            if (task.Status is not null)
                json.WriteString("status"u8, task.Status);
            if (task.End is { } end)
                json.WriteNumber("endtime"u8, end);
            json.WriteEndObject();
            json.Flush();
            bytes.Write("\n"u8);
            json.Reset();
        }

        return bytes.WrittenMemory;
    }

    /// <summary>
    /// Writes JSON as a serializer without a buffer does: each brace, quote, colon, comma and what is between them alone. That is 30 writes for a
    /// finished task; 34 were counted of the reference.
    /// </summary>
    internal static void ByPieces(ReadOnlySpan<byte> json, Stream target)
    {
        bool isText = false;
        while (!json.IsEmpty)
        {
            int length = isText ? json.IndexOfAny((byte)'"', (byte)'\\') : json.IndexOfAny(Structure);
            if (length == 0)
            {
                isText ^= json[0] == (byte)'"';
                length = json[0] == (byte)'\\' ? 2 : 1;
            }

            target.Write(json[..length]);
            json = json[length..];
        }
    }

    /// <summary>The cut-offs of a state file; none when there is no file yet.</summary>
    internal static SortedDictionary<string, SortedDictionary<string, long>> ReadState(string path)
    {
        var cutoffs = new SortedDictionary<string, SortedDictionary<string, long>>(StringComparer.Ordinal);
        if (!File.Exists(path))
            return cutoffs;
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        foreach (JsonProperty remote in json.RootElement.GetProperty("remote-state").EnumerateObject())
        {
            cutoffs[remote.Name] = new(StringComparer.Ordinal);
            foreach (JsonProperty node in remote.Value.GetProperty("node-state").EnumerateObject())
                cutoffs[remote.Name][node.Name] = node.Value.GetProperty("cutoff").GetInt64();
        }

        return cutoffs;
    }

    /// <summary>The state file: the newest start of each node.</summary>
    internal static ReadOnlyMemory<byte> State(SortedDictionary<string, SortedDictionary<string, long>> cutoffs)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes, Options);
        json.WriteStartObject();
        json.WriteStartObject("remote-state"u8);
        foreach ((string remote, SortedDictionary<string, long> nodes) in cutoffs)
        {
            json.WriteStartObject(remote);
            json.WriteStartObject("node-state"u8);
            foreach ((string node, long cutoff) in nodes)
            {
                json.WriteStartObject(node);
                json.WriteNumber("cutoff"u8, cutoff);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenMemory;
    }
}
