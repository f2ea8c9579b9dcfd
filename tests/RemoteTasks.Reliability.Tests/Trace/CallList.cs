namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>
/// A trace as people read it: what a new file went through stands where it gets its name, since several are written at the same time; the same
/// thing done several times in a row stands once.
/// </summary>
internal static class CallList
{
    internal static List<string> Of(IReadOnlyList<TraceEvent> events)
    {
        var lines = new List<string>();
        var made = new Dictionary<int, List<string>>();
        string[] labels = TraceLabels.Of(events);
        for (int i = 0; i < labels.Length; i++)
        {
            string verb = labels[i].Split(' ')[0];
            if (labels[i].Contains(" new ", StringComparison.Ordinal) && events[i].Kind != EventKind.Unlink)
                AddOnce(made.TryGetValue(events[i].Inode, out List<string>? verbs) ? verbs : made[events[i].Inode] = [], verb);
            else if (events[i].Kind == EventKind.Rename && made.Remove(events[i].Inode, out List<string>? before))
                AddOnce(lines, $"{labels[i]}: {string.Join(", ", before)}, rename");
            else
                AddOnce(lines, labels[i]);
        }

        return Folded(lines);
    }

    private static void AddOnce(List<string> list, string text)
    {
        if (list.Count == 0 || list[^1] != text)
            list.Add(text);
    }

    /// <summary>Two or three lines that come again directly after themselves stand once.</summary>
    private static List<string> Folded(List<string> lines)
    {
        for (int length = 2; length <= 3; length++)
        {
            for (int i = 0; i + (2 * length) <= lines.Count;)
            {
                if (lines.GetRange(i, length).SequenceEqual(lines.GetRange(i + length, length)))
                    lines.RemoveRange(i + length, length);
                else
                    i++;
            }
        }

        return lines;
    }
}
