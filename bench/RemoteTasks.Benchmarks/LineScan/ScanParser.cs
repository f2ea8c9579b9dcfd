using System.Text.Json;

namespace RemoteTasks.Benchmarks.LineScan;

/// <summary>Reads one JSON line; only what is escaped is copied.</summary>
internal sealed class ScanParser
{
    private readonly byte[] _upid = new byte[4096];
    private readonly byte[] _status = new byte[1 << 20];

    internal ScanLine Parse(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlyMemory<byte> upid = default;
        ReadOnlyMemory<byte> status = default;
        bool hasStatus = false;
        long start = 0;
        long? end = null;
        var reader = new Utf8JsonReader(bytes.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("upid"u8))
            {
                upid = Text(bytes, ref reader, _upid);
            }
            else if (reader.ValueTextEquals("starttime"u8))
            {
                reader.Read();
                start = reader.GetInt64();
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                status = Text(bytes, ref reader, _status);
                hasStatus = true;
            }
            else if (reader.ValueTextEquals("endtime"u8))
            {
                reader.Read();
                end = reader.GetInt64();
            }
            else
            {
                reader.Skip();
            }
        }

        return new ScanLine { Bytes = bytes, Upid = upid, Status = status, HasStatus = hasStatus, Start = start, End = end };
    }

    private static ReadOnlyMemory<byte> Text(ReadOnlyMemory<byte> bytes, ref Utf8JsonReader reader, byte[] scratch)
    {
        reader.Read();
        return reader.ValueIsEscaped
            ? scratch.AsMemory(0, reader.CopyString(scratch))
            : bytes.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
    }
}
