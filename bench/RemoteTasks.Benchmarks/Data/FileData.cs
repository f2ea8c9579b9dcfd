using System.Text.Json;

namespace RemoteTasks.Benchmarks.Data;

/// <summary>Any file of JSON lines <c>{"upid","starttime","status"?,"endtime"?}</c>: data that nobody tuned for.</summary>
internal sealed class FileData(string path) : ITaskData
{
    public string Description => $"tasks of {Path.GetFileName(path)}";

    public IEnumerable<TaskInput> Read()
    {
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (line.Length > 0)
                yield return Parse(line, number);
        }
    }

    private TaskInput Parse(string line, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            return new TaskInput(
                root.GetProperty("upid").GetString()!,
                root.GetProperty("starttime").GetInt64(),
                root.TryGetProperty("status", out JsonElement status) ? status.GetString() : null,
                root.TryGetProperty("endtime", out JsonElement end) && end.ValueKind == JsonValueKind.Number ? end.GetInt64() : null);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"Line {number} of '{path}' is no task: {error.Message}", error);
        }
    }
}
