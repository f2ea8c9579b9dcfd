using System.Text;
using RemoteTasks.Cache;

namespace RemoteTasks.Server.Ui.Overview;

/// <summary>Why tasks failed: their status texts, those together that differ in numbers and ids alone.</summary>
/// <param name="All">The most frequent first.</param>
/// <param name="Read">Failed tasks that were looked at, the newest ones.</param>
/// <param name="Total">Failed tasks in all.</param>
public sealed record FailureReasons(IReadOnlyList<FailureReason> All, int Read, long Total)
{
    internal const int RowsMax = 20_000;

    private const int TextBytesMax = 300;

    internal static FailureReasons Of(CacheReader reader, long since)
    {
        var byPattern = new Dictionary<string, FailureReason>(StringComparer.Ordinal);
        var byText = new Dictionary<string, FailureReason>(StringComparer.Ordinal);
        Dictionary<string, FailureReason>.AlternateLookup<ReadOnlySpan<char>> known = byText.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> buffer = stackalloc char[TextBytesMax];
        int read = 0;
        using TaskListing failed = reader.Stream(new TaskQuery { Since = since, Statuses = [StatusClass.Error], Limit = RowsMax });
        for (; failed.MoveNext(); read++)
        {
            ReadOnlySpan<char> text = buffer[..Encoding.UTF8.GetChars(Beginning(failed.Current.Status), buffer)];
            if (!known.TryGetValue(text, out FailureReason? reason))
            {
                string whole = text.ToString();
                string pattern = ReasonPattern.Of(whole);
                if (!byPattern.TryGetValue(pattern, out reason))
                    byPattern.Add(pattern, reason = new FailureReason(pattern, whole, failed.Current.ToRow()));
                byText.Add(whole, reason);
                reason.Texts++;
            }

            reason.Count++;
        }

        return new FailureReasons([.. byPattern.Values.OrderByDescending(reason => reason.Count)], read, failed.Total);
    }

    /// <summary>Not longer than is told apart, and no part of a character at its end.</summary>
    private static ReadOnlySpan<byte> Beginning(ReadOnlySpan<byte> text)
    {
        if (text.Length <= TextBytesMax)
            return text;
        int length = TextBytesMax;
        while (length > 0 && (text[length] & 0xC0) == 0x80)
            length--;
        return text[..length];
    }
}

/// <summary>One reason.</summary>
/// <param name="pattern">What its texts have in common.</param>
/// <param name="text">The text of the newest task that failed for it, its beginning at least.</param>
/// <param name="newest">That task.</param>
public sealed class FailureReason(string pattern, string text, TaskRow newest)
{
    /// <summary>Unique among reasons.</summary>
    public string Pattern { get; } = pattern;

    /// <summary>The newest task that failed for it.</summary>
    public TaskRow Newest { get; } = newest;

    /// <summary>How many tasks failed for it.</summary>
    public int Count { get; internal set; }

    /// <summary>How many different texts there are.</summary>
    public int Texts { get; internal set; }

    /// <summary>What to show: the text itself where there is only one. As it came from the remote.</summary>
    public string Shown => Texts == 1 ? text : Pattern;

    /// <summary>The list of the tasks that failed for it; of a text that is nothing but a number, all that failed.</summary>
    internal string Url(long since)
    {
        string? part = ReasonPattern.CommonPart(text);
        return part is null ? OverviewSummary.Url(StatusClass.Error, since) : OverviewSummary.Url(StatusClass.Error, since, ("text", part));
    }
}
