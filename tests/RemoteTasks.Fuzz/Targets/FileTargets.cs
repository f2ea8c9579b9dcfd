using System.Text;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Files;
using static RemoteTasks.Fuzz.BrokenInvariantException;

namespace RemoteTasks.Fuzz.Targets;

/// <summary>The files of lines.</summary>
internal static class FileTargets
{
    /// <summary>
    /// Invariants checked: of every finished task the last line that can be understood is shown, nothing else, and it is said when a line cannot; the
    /// same after everything was merged.
    /// </summary>
    internal static void Journal(byte[] input)
    {
        var last = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (TaskLine line in HostileCache.Lines(input, out _).Where(line => !line.IsRunning))
            last[Convert.ToHexString(line.Upid.Span)] = HostileCache.Show(line);
        var cache = new HostileCache(("journal", input));
        string[] rows = cache.Rows(out IReadOnlyCollection<Damage> damage);
        ThrowUnless(rows.Order(StringComparer.Ordinal).SequenceEqual(last.Values.Order(StringComparer.Ordinal)), $"rows are not the journal's: {Difference(rows, last.Values)}");
        int whole = Array.LastIndexOf(input, (byte)'\n') + 1;
        int running = HostileCache.Lines(input.AsMemory(0, whole), out int bad).Count(line => line.IsRunning);
        ThrowUnless(damage.Count == (bad + running > 0 ? 1 : 0) && damage.Sum(part => part.Lines) == bad + running, $"bad lines: {bad + running}, told: {string.Join(' ', damage)}");
        cache.UseOn(rows);
    }

    /// <summary>Invariants checked: what is shown stands in the file; what is not shown is said to be damage, as the lines that cannot be understood are.</summary>
    internal static void Active(byte[] input)
    {
        TaskLine[] lines = HostileCache.Lines(input, out int bad);
        var cache = new HostileCache(("active", input));
        string[] rows = cache.Rows(out IReadOnlyCollection<Damage> damage);
        CheckRows(rows, lines, damage);

        // A blank line is one that nobody writes there.
        bad += Encoding.Latin1.GetString(input).Split('\n').SkipLast(1).Count(line => line.Length == 0);
        ThrowUnless(damage.Sum(part => part.Lines) == bad, $"bad lines: {bad}, told: {string.Join(' ', damage)}");
        cache.UseOn(rows);
    }

    /// <summary>The same for an archive, and that its rows stay when it is written anew, compressed.</summary>
    internal static void Archive(byte[] input)
    {
        TaskLine[] lines = HostileCache.Lines(input, out int bad);
        var cache = new HostileCache(("archive.1000", input));
        string[] rows = cache.Rows(out IReadOnlyCollection<Damage> damage);
        CheckRows(rows, lines, damage);
        ThrowUnless(bad == 0 || damage.Count > 0, "a line is not understood, and nothing is said");
        if (!cache.UseOn(rows))
            return;
        CheckReport report = cache.Cache.Check();
        ThrowUnless(!report.IsDamaged || lines.Any(line => line.IsRunning), $"used on, the check finds: {string.Join(" / ", report.Findings)}");
    }

    /// <summary>Rows must be lines that there are; without damage every task of them must be there.</summary>
    internal static void CheckRows(string[] rows, IEnumerable<TaskLine> lines, IReadOnlyCollection<Damage> damage)
    {
        HashSet<string> claims = [.. lines.Select(line => HostileCache.Show(line))];
        ThrowUnless(rows.All(claims.Contains), $"rows that stand nowhere: {string.Join(" / ", rows.Where(row => !claims.Contains(row)))}");
        HashSet<string> upids = [.. rows.Select(UpidOf)];
        ThrowUnless(damage.Count > 0 || claims.All(claim => upids.Contains(UpidOf(claim))), "a task is missing, and nothing is said to be damaged");
    }

    private static string UpidOf(string shown) => shown[..shown.IndexOf('|', StringComparison.Ordinal)];

    private static string Difference(IEnumerable<string> left, IEnumerable<string> right) => string.Join(" / ", left.Except(right).Concat(right.Except(left)));
}
