using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RemoteTasks.Benchmarks.Engines;

/// <summary>Memory that an engine writes its answers to, again and again.</summary>
internal sealed class AnswerBuffer : IDisposable
{
    private readonly ArrayBufferWriter<byte> _bytes = new(256 << 10);
    private readonly Utf8JsonWriter _json;

    internal AnswerBuffer() => _json = new Utf8JsonWriter(_bytes, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    internal ReadOnlyMemory<byte> Bytes
    {
        get
        {
            _json.Flush();
            return _bytes.WrittenMemory;
        }
    }

    /// <summary>A writer for the next answer.</summary>
    internal Utf8JsonWriter Begin()
    {
        _bytes.ResetWrittenCount();
        _json.Reset();
        return _json;
    }

    public void Dispose() => _json.Dispose();
}
