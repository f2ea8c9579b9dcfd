using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsvHelper;
using RemoteTasks.Cli.Sources;

namespace RemoteTasks.Cli.Output;

/// <summary>Prints rows one after another, in one of three forms.</summary>
internal interface IRowPrinter : IAsyncDisposable
{
    Task PrintAsync(ListedTask row);

    /// <summary>All rows have come.</summary>
    Task EndAsync();
}

/// <summary>A JSON object a line, with the members of REST.</summary>
internal sealed class JsonLinesPrinter(Stream output) : IRowPrinter
{
    private const int FlushBytes = 64 << 10;

    private static readonly ListJson Json = new(new JsonSerializerOptions(ListJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private readonly MemoryStream _buffer = new();

    public async Task PrintAsync(ListedTask row)
    {
        JsonSerializer.Serialize(_buffer, row, Json.ListedTask);
        _buffer.WriteByte((byte)'\n');
        if (_buffer.Length > FlushBytes)
            await EndAsync();
    }

    public async Task EndAsync()
    {
        await output.WriteAsync(_buffer.GetBuffer().AsMemory(0, (int)_buffer.Length));
        await output.FlushAsync();
        _buffer.SetLength(0);
    }

    public ValueTask DisposeAsync()
    {
        _buffer.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>CSV as RFC 4180 has it, with a header; times are seconds since the epoch.</summary>
internal sealed class CsvPrinter : IRowPrinter
{
    private readonly StreamWriter _writer;
    private readonly CsvWriter _csv;
    private bool _hasHeader;

    internal CsvPrinter(Stream output)
    {
        _writer = new StreamWriter(output, leaveOpen: true);
        _csv = new CsvWriter(_writer, CultureInfo.InvariantCulture, leaveOpen: true);
    }

    public async Task PrintAsync(ListedTask row)
    {
        await HeaderAsync();
        object?[] fields = [row.Upid, row.Remote, row.Node, row.Pid, row.Pstart, row.Starttime, row.Endtime, row.WorkerType, row.WorkerId, row.User, row.Status];
        foreach (object? field in fields)
            _csv.WriteField(field?.ToString());
        await _csv.NextRecordAsync();
    }

    public async Task EndAsync()
    {
        await HeaderAsync();
        await _csv.FlushAsync();
        await _writer.FlushAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _csv.DisposeAsync();
        await _writer.DisposeAsync();
    }

    private async Task HeaderAsync()
    {
        if (_hasHeader)
            return;
        _hasHeader = true;
        foreach (string name in "upid remote node pid pstart starttime endtime worker_type worker_id user status".Split(' '))
            _csv.WriteField(name);
        await _csv.NextRecordAsync();
    }
}
