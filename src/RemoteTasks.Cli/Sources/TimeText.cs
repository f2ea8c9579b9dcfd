using System.Globalization;

namespace RemoteTasks.Cli.Sources;

/// <summary>Times as people type them.</summary>
internal static class TimeText
{
    // Written out: the parser's own guesses take 1.5 for a day in January.
    private static readonly string[] Dates =
        [.. ((string[])["", "THH:mmK", "THH:mm:ssK", " HH:mmK", " HH:mm:ssK", "THH:mm:ss.FFFFFFFK"]).Select(time => "yyyy-MM-dd" + time)];

    /// <summary>Seconds since the epoch from a number of them, a date and time (UTC unless it says otherwise), or an age such as 90m, 48h or 7d.</summary>
    internal static long Parse(string option, string text, TimeProvider clock)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seconds))
            return seconds;
        if (text.Length > 1 && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double amount)
            && double.IsFinite(amount) && UnitSeconds(text[^1]) is { } unit)
            return clock.GetUtcNow().ToUnixTimeSeconds() - (long)(amount * unit);
        if (DateTimeOffset.TryParseExact(text, Dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
            return time.ToUnixTimeSeconds();
        throw new UsageException($"{option}: '{text}' is no time. Give seconds since the epoch, 2026-11-24T08:00 (UTC), or an age such as 90m, 48h or 7d.");
    }

    private static int? UnitSeconds(char unit) => unit switch
    {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86400,
        'w' => 7 * 86400,
        _ => null,
    };
}
