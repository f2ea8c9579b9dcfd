using System.Text;
using RemoteTasks.Cache;

namespace RemoteTasks.Server.Ui.Overview;

/// <summary>What tasks failed of, most frequent first: their texts, where those that differ in numbers alone are one.</summary>
internal sealed record FailureReason(string Text, long Count, string Search, long Newest)
{
    private const int RowsMax = 20_000;
    private const int TextMax = 200;

    /// <summary>The most frequent reasons among the newest failures.</summary>
    internal static IReadOnlyList<FailureReason> Of(CacheReader reader, TaskQuery query, int reasonsMax)
    {
        var reasons = new Dictionary<string, (long Count, string Sample, long Newest)>(StringComparer.Ordinal);
        using TaskListing failed = reader.Stream(query with { Statuses = [StatusClass.Error], Start = 0, Limit = RowsMax });
        while (failed.MoveNext())
        {
            string status = Encoding.UTF8.GetString(failed.Current.Status[..Math.Min(TextMax, failed.Current.Status.Length)]);
            string reason = WithoutNumbers(status);
            (long count, string sample, long newest) = reasons.GetValueOrDefault(reason, (0, status, failed.Current.StartTime));
            reasons[reason] = (count + 1, sample, newest);
        }

        return [.. reasons
            .OrderByDescending(reason => reason.Value.Count).ThenBy(reason => reason.Key, StringComparer.Ordinal)
            .Take(reasonsMax)
            .Select(reason => new FailureReason(reason.Key, reason.Value.Count, SearchOf(reason.Value.Sample), reason.Value.Newest))];
    }

    /// <summary>Each run of digits as one sign.</summary>
    internal static string WithoutNumbers(string text)
    {
        var without = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (!char.IsAsciiDigit(c))
                without.Append(c);
            else if (without.Length == 0 || without[^1] != '#')
                without.Append('#');
        }

        return without.ToString();
    }

    /// <summary>What to look for to find them all: the longest part between numbers.</summary>
    private static string SearchOf(string sample) =>
        WithoutNumbers(sample).Split('#').MaxBy(part => part.Length)!.Trim();
}
