using System.Text.Json;
using RemoteTasks.Benchmarks.Compare;
using RemoteTasks.Benchmarks.Report;

namespace RemoteTasks.Benchmarks.Scale;

/// <summary>The growth for programs: <c>{environment, sizes:[{tasks, days, fillSeconds, ..., queries:[{name, median, min, growth}]}]}</c>.</summary>
internal static class ScaleJson
{
    internal static void Write(string path, IReadOnlyList<ScaleSize> sizes) =>
        JsonFile.Write(path, json =>
        {
            json.WriteStartArray("sizes");
            foreach (ScaleSize size in sizes)
                Write(json, size, sizes[0]);
            json.WriteEndArray();
        });

    private static void Write(Utf8JsonWriter json, ScaleSize size, ScaleSize smallest)
    {
        json.WriteStartObject();
        json.WriteNumber("tasks", size.Tasks);
        json.WriteNumber("days", size.Days);
        json.WriteNumber("fillSeconds", size.FillSeconds);
        json.WriteNumber("fillPeakBytes", size.FillPeakBytes);
        json.WriteNumber("queryPeakBytes", size.QueryPeakBytes);
        json.WriteNumber("privateBytes", size.PrivateBytes);
        json.WriteNumber("privatePeakBytes", size.PrivatePeakBytes);
        json.WriteNumber("diskBytes", size.DiskBytes);
        json.WriteStartArray("queries");
        for (int i = 0; i < size.Queries.Count; i++)
        {
            (string name, Sample sample) = size.Queries[i];
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("median", sample.Median);
            json.WriteNumber("min", sample.Min);
            json.WriteNumber("growth", sample.Min / smallest.Queries[i].Sample.Min);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
