namespace RemoteTasks.Proxmox.Answers;

/// <summary>Reads a piece of a log. Every row becomes a line, so that numbers and counts stay right.</summary>
internal static class TaskLogReader
{
    internal static TaskLogAnswer Read(ReadOnlySpan<byte> json, long start)
    {
        var lines = new List<TaskLogLine>();
        long? total = AnswerRows.Read(json, row => lines.Add(new TaskLogLine(
            JsonValues.WholeNumber(JsonValues.Member(row, "n")) ?? start + lines.Count + 1,
            JsonValues.Text(JsonValues.Member(row, "t")) ?? "")));
        return new TaskLogAnswer(lines, total ?? (lines.Count == 0 ? 0 : lines[^1].Number));
    }
}
