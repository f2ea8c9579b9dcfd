namespace RemoteTasks.Benchmarks.Data;

/// <summary>
/// Finished tasks that the engines have not seen: copies of known ones that began later, in the minutes after the newest. Made from
/// the data itself, so that updates can be measured on any data.
/// </summary>
internal static class FreshTasks
{
    private const int Seconds = 300;

    internal static IReadOnlyList<TaskInput> Round(DataSurvey survey, int round)
    {
        long from = survey.End + 1 + ((long)round * Seconds);
        var tasks = new List<TaskInput>();
        var seen = new HashSet<string>();
        foreach (TaskInput known in survey.Sample)
        {
            long start = from + (known.Start % Seconds);
            string upid = WithStart(known.Upid, start);
            if (seen.Add(upid))
                tasks.Add(new TaskInput(upid, start, known.Status, start + known.End!.Value - known.Start));
        }

        return tasks;
    }

    /// <summary>The clock when a round comes in.</summary>
    internal static long TimeOf(DataSurvey survey, int round) => survey.End + 1 + ((round + 1L) * Seconds);

    private static string WithStart(string upid, long start)
    {
        string[] parts = upid.Split(':');

        // kind:remote!UPID:node:pid:pstart:[task_id:]starttime:type:id:user:
        parts[parts.Length - 5] = start.ToString("X8");
        return string.Join(':', parts);
    }
}
