using System.Text.Json;
using RemoteTasks.Benchmarks.Report;

namespace RemoteTasks.Benchmarks.Load;

/// <summary>The rounds for programs: <c>{environment, plan, rounds:[{name, rate, median, p99, p999, max, errors, ...}]}</c>; latencies in milliseconds.</summary>
internal static class LoadJson
{
    internal static void Write(string path, LoadPlan plan, IReadOnlyList<LoadResult> results) =>
        JsonFile.Write(path, json =>
        {
            json.WriteStartObject("plan");
            json.WriteNumber("tasks", plan.Tasks);
            json.WriteNumber("rate", plan.Rate);
            json.WriteNumber("seconds", plan.Seconds);
            json.WriteNumber("limit", plan.Limit);
            json.WriteNumber("connections", plan.Connections);
            json.WriteEndObject();
            json.WriteStartArray("rounds");
            foreach (LoadResult result in results)
                Write(json, result);
            json.WriteEndArray();
        });

    private static void Write(Utf8JsonWriter json, LoadResult result)
    {
        json.WriteStartObject();
        json.WriteString("name", result.Name);
        json.WriteNumber("rate", result.Rate);
        json.WriteNumber("median", result.Percentile(0.5));
        json.WriteNumber("p99", result.Percentile(0.99));
        json.WriteNumber("p999", result.Percentile(0.999));
        json.WriteNumber("max", result.Percentile(1));
        json.WriteNumber("errors", result.Errors);
        json.WriteNumber("notModified", result.NotModified);
        json.WriteNumber("daemonCpuSeconds", result.DaemonCpu.TotalSeconds);
        json.WriteNumber("clientCpuSeconds", result.OwnCpu.TotalSeconds);
        json.WriteNumber("daemonPeakBytes", result.DaemonPeakBytes);
        json.WriteBoolean("met", result.IsMet);
        json.WriteEndObject();
    }
}
