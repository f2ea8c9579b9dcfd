using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.TaskLogs;

/// <summary>
/// A log as it is kept. The file is gzip of JSON lines: first <c>{"upid":"UPID:...","fetched":s,"total":n}</c>, then the lines as REST gives them,
/// <c>{"n":1,"t":"..."}</c>. When <c>n</c> does not begin at 1, those before it were more than is kept of one log.
/// </summary>
/// <param name="Upid">As the remote knows it.</param>
/// <param name="Fetched">When it was read, seconds since the epoch.</param>
/// <param name="Total">Lines of the whole log, those that are not kept included.</param>
/// <param name="Lines">The last ones, each with its number in the whole log.</param>
internal sealed record KeptLog(string Upid, long Fetched, long Total, IReadOnlyList<TaskLogLine> Lines)
{
    /// <summary>Of a line; the rest of a longer one is cut off.</summary>
    private const int LineCharactersMax = 8 << 10;

    /// <summary>What a line has beside its text.</summary>
    private const int BytesBesideText = 24;

    /// <summary>The last lines that fit into so many bytes, long ones cut.</summary>
    internal static IReadOnlyList<TaskLogLine> Fit(IEnumerable<TaskLogLine> lines, int bytesMax)
    {
        TaskLogLine[] cut = [.. lines.Select(line => line.Text.Length <= LineCharactersMax ? line : line with { Text = line.Text[..LineCharactersMax] + "…" })];
        int first = cut.Length;
        for (long bytes = 0; first > 0; first--)
        {
            bytes += Encoding.UTF8.GetByteCount(cut[first - 1].Text) + BytesBesideText;
            if (bytes > bytesMax)
                break;
        }

        return cut[first..];
    }

    internal byte[] ToBytes()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            JsonSerializer.Serialize(gzip, new KeptLogHead(Upid, Fetched, Total), KeptLogJson.Default.KeptLogHead);
            gzip.WriteByte((byte)'\n');
            foreach (TaskLogLine line in Lines)
            {
                JsonSerializer.Serialize(gzip, new KeptLogLine(line.Number, line.Text), KeptLogJson.Default.KeptLogLine);
                gzip.WriteByte((byte)'\n');
            }
        }

        return packed.ToArray();
    }

    /// <summary>Null when these are not the bytes of such a file.</summary>
    internal static KeptLog? TryRead(Stream file)
    {
        try
        {
            using var gzip = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
            using var reader = new StreamReader(gzip);
            if (reader.ReadLine() is not { } first || JsonSerializer.Deserialize(first, KeptLogJson.Default.KeptLogHead) is not { Upid: not null } head)
                return null;
            var lines = new List<TaskLogLine>();
            while (reader.ReadLine() is { } line)
            {
                if (JsonSerializer.Deserialize(line, KeptLogJson.Default.KeptLogLine) is not { T: not null } row)
                    return null;
                lines.Add(new TaskLogLine(row.N, row.T));
            }

            return new KeptLog(head.Upid, head.Fetched, head.Total, lines);
        }
        catch (Exception error) when (error is InvalidDataException or JsonException or EndOfStreamException)
        {
            return null;
        }
    }
}

internal sealed record KeptLogHead(string Upid, long Fetched, long Total);

internal sealed record KeptLogLine(long N, string T);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KeptLogHead))]
[JsonSerializable(typeof(KeptLogLine))]
internal sealed partial class KeptLogJson : JsonSerializerContext;
