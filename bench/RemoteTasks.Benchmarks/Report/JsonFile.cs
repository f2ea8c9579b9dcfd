using System.Text.Json;

namespace RemoteTasks.Benchmarks.Report;

/// <summary>What every result for programs has in common: one object that says first where it was measured.</summary>
internal static class JsonFile
{
    internal static void Write(string path, Action<Utf8JsonWriter> members)
    {
        using FileStream file = File.Create(path);
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartObject("environment");
        foreach ((string name, string value) in RunEnvironment.Describe())
            json.WriteString(name, value);
        json.WriteEndObject();
        members(json);
        json.WriteEndObject();
    }
}
