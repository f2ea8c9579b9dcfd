using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using RemoteTasks.Cache;
using RemoteTasks.Cli.Output;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks import</c></summary>
internal static class ImportCommand
{
    private const int LineBytesMax = 1 << 20;

    internal static Command Create(Terminal terminal)
    {
        var cache = CacheOptions.Directory();
        var file = new Argument<string>("FILE") { Description = "JSON lines {\"upid\",\"starttime\",\"status\"?,\"endtime\"?}; - reads standard input.", DefaultValueFactory = _ => "-" };
        var batch = new Option<int>("--batch") { Description = "Lines stored at a time.", HelpName = "N", DefaultValueFactory = _ => 20_000 };
        var command = new Command("import", "Put tasks into a cache; it is made when there is none.") { cache, file, batch };
        command.SetAction((parsed, ct) => RunAsync(terminal, parsed.GetRequiredValue(cache), parsed.GetRequiredValue(file), parsed.GetValue(batch), ct));
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, string directory, string file, int batchLines, CancellationToken ct)
    {
        if (batchLines < 1)
            throw new UsageException("--batch must be 1 or more.");
        long began = TimeProvider.System.GetTimestamp();
        if (Directory.Exists(file))
            throw new UsageException($"'{file}' is a directory; give a file, or - for standard input.");
        await using Stream input = file == "-" ? terminal.OpenIn() : File.OpenRead(file);
        using var progress = new ProgressLine(terminal);
        TaskCache cache = CacheOptions.Open(directory);

        // Made before the first line comes: a directory that cannot be used is found at once, and no lines at all give an empty cache.
        cache.Write().Dispose();
        var import = new Import(cache, terminal, progress, batchLines);
        await import.ReadAsync(input, ct);
        progress.Dispose();
        string seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        await terminal.Out.WriteLineAsync(
            $$"""{"read":{{import.Lines}},"stored":{{import.Stored}},"running":{{import.Running}},"rejected":{{import.Rejected}},"seconds":{{seconds}}}""");
        return ExitCode.Good;
    }

    /// <summary>Lines in, batches out. Every line is accounted for: stored, running or rejected.</summary>
    private sealed class Import(TaskCache cache, Terminal terminal, ProgressLine progress, int batchLines)
    {
        private readonly List<TaskRecord> _batch = [];
        private readonly List<long> _batchLines = [];

        internal long Lines { get; private set; }

        internal long Stored { get; private set; }

        internal long Running { get; private set; }

        internal long Rejected { get; private set; }

        internal async Task ReadAsync(Stream input, CancellationToken ct)
        {
            PipeReader reader = PipeReader.Create(input, new StreamPipeReaderOptions(bufferSize: 256 << 10));
            bool isSkipping = false;
            while (true)
            {
                ReadResult read = await reader.ReadAsync(ct);
                ReadOnlySequence<byte> rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    if (!isSkipping)
                        Take(rest.Slice(0, end));
                    isSkipping = false;
                    rest = rest.Slice(rest.GetPosition(1, end));
                }

                if (rest.Length > LineBytesMax && !isSkipping)
                {
                    Reject(++Lines, "the line is too long");
                    isSkipping = true;
                }

                if (isSkipping)
                    rest = rest.Slice(rest.End);
                if (read.IsCompleted && !rest.IsEmpty)
                    Take(rest);
                reader.AdvanceTo(read.IsCompleted ? read.Buffer.End : rest.Start, read.Buffer.End);
                if (read.IsCompleted)
                    break;
            }

            Store();
            await reader.CompleteAsync();
        }

        private void Take(ReadOnlySequence<byte> bytes)
        {
            Lines++;
            if (bytes.Length > LineBytesMax)
            {
                Reject(Lines, "the line is too long");
                return;
            }

            ReadOnlySpan<byte> line = (bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray()).TrimEnd((byte)'\r');

            // Some editors begin a file with a byte order mark.
            if (Lines == 1 && line.StartsWith(Encoding.UTF8.Preamble))
                line = line[Encoding.UTF8.Preamble.Length..];
            if (!TaskRecord.TryParse(line, out TaskRecord? record, out string? problem))
            {
                Reject(Lines, line.IsEmpty ? "the line is empty" : problem);
                return;
            }

            _batch.Add(record);
            _batchLines.Add(Lines);
            if (_batch.Count == batchLines)
                Store();
        }

        private void Store()
        {
            if (_batch.Count == 0)
                return;
            using (CacheWriter writer = cache.Write())
            {
                UpdateResult result = writer.Update(new TaskBatch { Tasks = _batch });
                Stored += result.Stored;
                Running += result.Running;
                foreach (RejectedTask rejected in result.Rejected)
                    Reject(_batchLines[rejected.Index], rejected.Reason);
            }

            _batch.Clear();
            _batchLines.Clear();
            progress.Show(() => $"{Lines:N0} lines read, {Stored + Running:N0} tasks stored, {Rejected:N0} rejected");
        }

        private void Reject(long line, string reason)
        {
            Rejected++;
            progress.Clear();
            terminal.Error.WriteLine($"line {line}: {SafeText.Clean(reason)}");
        }
    }
}
