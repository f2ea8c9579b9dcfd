namespace RemoteTasks.Server.Ui.Components;

/// <summary>How long something took, in at most two units, so that a column of them can be read; time.js writes the same.</summary>
internal static class Durations
{
    internal static string Text(long seconds)
    {
        var span = TimeSpan.FromSeconds(Math.Clamp(seconds, 0, TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerSecond));
        if (span.Days > 0)
            return $"{span.Days}d {span.Hours:00}h";
        if (span.Hours > 0)
            return $"{span.Hours}h {span.Minutes:00}m";
        return span.Minutes > 0 ? $"{span.Minutes}m {span.Seconds:00}s" : $"{span.Seconds}s";
    }
}
