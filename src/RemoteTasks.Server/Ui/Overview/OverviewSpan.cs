using System.Globalization;

namespace RemoteTasks.Server.Ui.Overview;

/// <summary>How far back an overview looks, as it stands in the address.</summary>
internal static class OverviewSpan
{
    internal const int HoursDefault = 24;

    private const int HoursMax = 24 * 366;
    private const int HoursPerDay = 24;

    /// <summary>What is offered.</summary>
    internal static IReadOnlyList<int> Choices { get; } = [1, 6, 24, 2 * HoursPerDay, 7 * HoursPerDay];

    /// <summary>Reads hours; false when it is not a number that can be meant.</summary>
    internal static bool TryParse(string? text, out int hours)
    {
        hours = HoursDefault;
        if (string.IsNullOrEmpty(text))
            return true;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int given) || given is < 1 or > HoursMax)
            return false;
        hours = given;
        return true;
    }

    internal static string Words(int hours) => hours switch
    {
        1 => "hour",
        > HoursPerDay when hours % HoursPerDay == 0 => $"{hours / HoursPerDay} days",
        _ => $"{hours} hours",
    };

    /// <summary>The beginning, in whole minutes, so that all who look at the same time ask the same.</summary>
    internal static long Since(int hours, long now)
    {
        long since = now - (hours * 3600L);
        return since - (since % 60);
    }
}
