using System.Text.Json;
using RemoteTasks.Benchmarks.Compare;
using RemoteTasks.Benchmarks.Data;

namespace RemoteTasks.Benchmarks.Report;

/// <summary>The result for programs: <c>{environment, data, rows:[{name, unit, remotetasks:{median,min,runs}, ..., ratios, goal?, met?}]}</c>.</summary>
internal static class JsonReport
{
    internal static void Write(string path, string data, DataSurvey survey, IReadOnlyList<ReportRow> rows) =>
        JsonFile.Write(path, json =>
        {
            json.WriteStartObject("data");
            json.WriteString("description", data);
            json.WriteNumber("tasks", survey.Tasks);
            json.WriteNumber("running", survey.Running);
            json.WriteNumber("begin", survey.Begin);
            json.WriteNumber("end", survey.End);
            json.WriteEndObject();
            json.WriteStartArray("rows");
            foreach (ReportRow row in rows)
                Write(json, row);
            json.WriteEndArray();
        });

    private static void Write(Utf8JsonWriter json, ReportRow row)
    {
        json.WriteStartObject();
        json.WriteString("name", row.Name);
        json.WriteString("unit", row.Unit);
        foreach ((string engine, Sample sample) in row.Samples)
        {
            json.WriteStartObject(Key(engine));
            json.WriteNumber("median", sample.Median);
            json.WriteNumber("min", sample.Min);
            json.WriteNumber("runs", sample.Runs);
            json.WriteEndObject();
        }

        json.WriteStartObject("ratios");
        foreach (string engine in row.Samples.Keys.Where(engine => engine != Column.RemoteTasks))
        {
            if (row.Ratio(engine) is { } ratio)
                json.WriteNumber(Key(engine), ratio);
        }

        json.WriteEndObject();
        if (row.Goal is { } goal)
            json.WriteNumber("goal", goal);
        if (row.GoalMax is { } max)
            json.WriteNumber("goalMax", max);
        if (row.IsMet is { } met)
            json.WriteBoolean("met", met);
        json.WriteEndObject();
    }

    private static string Key(string engine) => engine switch
    {
        Column.RemoteTasks => "remotetasks",
        Column.LineScan => "linescan",
        Column.BufferedScan => "linescanBuffered",
        Column.Sqlite => "sqlite",
        _ => "sqliteRowsOnly",
    };
}
