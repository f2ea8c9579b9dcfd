using System.Text.Json;

namespace RemoteTasks.FakeFleet;

/// <summary>The list of remotes as a daemon reads it.</summary>
internal static class RemotesFile
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    public static void Write(string path, IEnumerable<FakeRemote> remotes)
    {
        // A file that exists would keep its mode, and with it its readers.
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        using var json = new Utf8JsonWriter(file, Indented);
        json.WriteStartObject();
        json.WriteStartArray("remotes");
        foreach (var remote in remotes) Write(json, remote);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, FakeRemote remote)
    {
        json.WriteStartObject();
        json.WriteString("id", remote.Id);
        json.WriteString("type", remote.Type);
        json.WriteStartArray("nodes");
        foreach (var endpoint in remote.Endpoints)
        {
            json.WriteStartObject();
            json.WriteString("hostname", endpoint);
            json.WriteString("fingerprint", remote.Fingerprint);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("authid", remote.AuthId);
        json.WriteString("token", remote.Token);
        json.WriteEndObject();
    }
}
