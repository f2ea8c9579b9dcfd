using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.Engines;
using RemoteTasks.Cache;

namespace RemoteTasks.Benchmarks.Compare;

/// <summary>The rows of the table, made from what is in the data.</summary>
internal static class Cases
{
    private const int Page = 500;

    /// <summary>What is timed on the loaded data. The engine only tells how deep a combined filter goes.</summary>
    internal static IReadOnlyList<Case> Of(DataSurvey survey, Engine counter)
    {
        long end = survey.End;
        var page = new TaskQuery { Limit = Page };
        TaskQuery failed = page with { Errors = true };
        TaskQuery rare = page with { User = survey.RareUser };
        TaskQuery remote = page with { Remote = survey.CommonRemote };
        TaskQuery combined = page with { Type = survey.CommonType, User = survey.CommonUser, Statuses = [StatusClass.Ok] };
        long deep = survey.Tasks * 2 / 3;
        long failedDepth = Depth(counter.Count(failed), survey.Tasks / 30);
        long combinedDepth = Depth(counter.Count(combined), new Random(7).NextInt64(1 + counter.Count(combined)));
        TaskQuery day = page with { Since = end - (2 * 86_400) };
        List<Case> cases =
        [
            Case.List("500 newest, not asked before", 1.5, page, end),
            Case.Same("500 newest, nothing changed", 10, page),
            Case.Same("500 running, nothing changed", 10, page with { Scope = TaskScope.Running }),
            Case.List($"500 at offset {deep:N0}", 1_000, page with { Start = deep }, end),
            Case.List($"500 failed at offset {failedDepth:N0}", 200, failed with { Start = failedDepth }, end),
            Case.List($"500 newest of one rare user ({survey.RareUser})", 15, rare, end),
            Case.List("a filter that nothing matches", 2_000, page with { User = "nobody@nowhere" }, end),
            Case.Statistics("statistics of 48 hours", 1_000, day, end),
            Case.List($"500 newest of one remote ({survey.CommonRemote})", null, remote, end),
            Case.List($"500 newest of one node ({survey.CommonNode})", null, page with { Node = survey.CommonNode }, end),
            Case.List("500 newest of one day before the newest two", null, page with { Until = end - (2 * 86_400), Since = end - (3 * 86_400) }, end),
            Case.List($"500 newest with the text '{survey.Text}'", null, page with { Text = survey.Text }, end),
            Case.List($"500 of type, user and status at offset {combinedDepth:N0}", null, combined with { Start = combinedDepth }, end),
            Case.Pages("every page of one remote, by key", null, remote, end),
            Case.Count("count of what failed", null, failed, end),
            Case.Count("count of all", null, page, end),
        ];
        if (survey.Guest is { } guest)
            cases.Insert(10, Case.List($"500 newest of one guest ({guest})", null, page with { Guest = guest }, end));
        return cases;
    }

    /// <summary>The newest rows while an update's rows wait in the journal.</summary>
    internal static Case WithJournal(int rows, long end) =>
        Case.List($"500 newest with {rows:N0} rows in the journal", 5, new TaskQuery { Limit = Page }, end);

    private static long Depth(long matching, long wanted) => Math.Max(0, Math.Min(wanted, matching - Page));
}
