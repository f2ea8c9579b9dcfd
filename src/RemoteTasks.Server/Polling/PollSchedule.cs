using System.Collections.Immutable;

namespace RemoteTasks.Server.Polling;

/// <summary>
/// What is due at a time. Times are spans on a monotonic clock since the program began, so that no jump of the wall clock stops or
/// hurries anything. Pure: taking work gives the schedule that follows.
/// </summary>
/// <typeparam name="TWork">The kinds of work.</typeparam>
internal sealed class PollSchedule<TWork>
    where TWork : struct, Enum
{
    private readonly ImmutableSortedDictionary<TWork, Entry> _entries;

    private PollSchedule(ImmutableSortedDictionary<TWork, Entry> entries) => _entries = entries;

    /// <summary>All is due at once.</summary>
    internal static PollSchedule<TWork> Of(params (TWork Work, TimeSpan Every)[] entries) =>
        new(entries.ToImmutableSortedDictionary(entry => entry.Work, entry => new Entry(entry.Every, TimeSpan.Zero)));

    /// <summary>When something is due next.</summary>
    internal TimeSpan Next => _entries.Values.Min(entry => entry.Due);

    /// <summary>
    /// The work that is due, in the order of its kind, and the schedule after it. What was missed is not made up for: the next time is
    /// counted from now.
    /// </summary>
    internal (IReadOnlyList<TWork> Due, PollSchedule<TWork> After) Take(TimeSpan now)
    {
        TWork[] due = [.. _entries.Where(entry => entry.Value.Due <= now).Select(entry => entry.Key)];
        ImmutableSortedDictionary<TWork, Entry> after = _entries;
        foreach (TWork work in due)
            after = after.SetItem(work, after[work] with { Due = now + after[work].Every });
        return (due, new PollSchedule<TWork>(after));
    }

    /// <summary>The schedule with one kind of work put off (or brought forward).</summary>
    internal PollSchedule<TWork> With(TWork work, TimeSpan due) => new(_entries.SetItem(work, _entries[work] with { Due = due }));

    private readonly record struct Entry(TimeSpan Every, TimeSpan Due);
}
