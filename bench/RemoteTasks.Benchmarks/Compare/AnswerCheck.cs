using System.Text;
using RemoteTasks.Benchmarks.Engines;

namespace RemoteTasks.Benchmarks.Compare;

/// <summary>All engines must give the same answer, byte for byte, before anything is timed.</summary>
internal static class AnswerCheck
{
    private const int Around = 160;

    /// <summary>A number that no timed run has: a kept answer would be timed otherwise.</summary>
    private const int CheckRun = -1_000;

    /// <summary>Null when all agree; otherwise the first difference in words.</summary>
    internal static string? Difference(Case asked, IReadOnlyList<Engine> engines)
    {
        byte[]? json = null;
        long? total = null;
        foreach (Engine engine in engines)
        {
            Outcome outcome = asked.Run(engine, CheckRun, Asked.All);
            if (json is null)
            {
                json = outcome.Json.ToArray();
                total = outcome.Total;
                continue;
            }

            if (outcome.Total != total)
                return $"{asked.Name}: {engines[0].Name} counts {total:N0}, {engine.Name} {outcome.Total:N0}";
            int same = json.AsSpan().CommonPrefixLength(outcome.Json.Span);
            if (same < json.Length || same < outcome.Json.Length)
                return $"{asked.Name}: answers differ at byte {same:N0}\n  {engines[0].Name}: {Part(json, same)}\n  {engine.Name}: {Part(outcome.Json.Span, same)}";
        }

        return null;
    }

    private static string Part(ReadOnlySpan<byte> json, int at)
    {
        int from = Math.Max(0, at - Around);
        return Encoding.UTF8.GetString(json[from..Math.Min(json.Length, at + Around)]);
    }
}
