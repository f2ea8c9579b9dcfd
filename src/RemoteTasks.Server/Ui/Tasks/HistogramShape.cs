using System.Globalization;
using System.Text;
using RemoteTasks.Cache;
using RemoteTasks.Server.Ui.Components;

namespace RemoteTasks.Server.Ui.Tasks;

/// <summary>Bars as paths, one a status class, in a box one unit wide for each part and <see cref="Height"/> high. What went wrong stands at the bottom, and is never too low to be seen.</summary>
internal static class HistogramShape
{
    internal const int Height = 100;

    private const double HeightMin = 3;
    private const double Width = 0.86;

    internal static IReadOnlyList<(StatusClass Status, string Path)> Of(TaskHistogram histogram)
    {
        long highest = Math.Max(1, histogram.Parts.Max(part => part.Total));
        var paths = StatusWords.All.ToDictionary(status => status, _ => new StringBuilder());
        for (int i = 0; i < histogram.Parts.Count; i++)
        {
            double bottom = Height;
            StatusCounts part = histogram.Parts[i];
            foreach (StatusClass status in StatusWords.All)
            {
                long count = StatusWords.Count(status, part);
                if (count == 0)
                    continue;
                double height = Math.Min(bottom, Math.Max(HeightMin, (double)count * Height / highest));
                paths[status].Append(CultureInfo.InvariantCulture, $"M{i} {bottom:0.#}h{Width}v-{height:0.#}h-{Width}z");
                bottom -= height;
            }
        }

        return [.. paths.Where(path => path.Value.Length > 0).Select(path => (path.Key, path.Value.ToString()))];
    }

    /// <summary>The parts under which a time stands: so many at most, at round times where parts are short.</summary>
    internal static IEnumerable<int> Ticks(TaskHistogram histogram, int ticksMax)
    {
        int step = (histogram.Parts.Count + ticksMax - 1) / ticksMax;
        for (int i = step / 2; i < histogram.Parts.Count; i += step)
            yield return i;
    }

    /// <summary>All counts, for the script that shows those under the pointer.</summary>
    internal static string Counts(TaskHistogram histogram) =>
        string.Join(';', histogram.Parts.Select(part => string.Join(',', StatusWords.All.Select(status => StatusWords.Count(status, part)))));
}
