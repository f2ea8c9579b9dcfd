using System.Text;
using System.Text.Json;
using RemoteTasks.Benchmarks.Data;

namespace RemoteTasks.Benchmarks.Engines;

/// <summary>Counts by worker type and remote, for the engines that count by themselves, and the one JSON form of them.</summary>
internal sealed class StatisticsTable
{
    private readonly Dictionary<string, long[]> _byType = [];
    private readonly Dictionary<string, long[]> _byRemote = [];

    internal void Add(string type, string remote, int status, long count)
    {
        Of(_byType, type)[status] += count;
        Of(_byRemote, remote)[status] += count;
    }

    internal void Add(ReadOnlySpan<byte> type, ReadOnlySpan<byte> remote, int status)
    {
        Of(_byType, type)[status]++;
        Of(_byRemote, remote)[status]++;
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        Write(json, "by-type", _byType);
        Write(json, "by-remote", _byRemote);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Dictionary<string, long[]> table)
    {
        json.WriteStartObject(name);
        foreach ((string key, long[] counts) in table.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject(key);
            for (int i = 0; i < counts.Length; i++)
                json.WriteNumber(StatusText.ClassNames[i], counts[i]);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static long[] Of(Dictionary<string, long[]> table, string key)
    {
        if (!table.TryGetValue(key, out long[]? counts))
            table[key] = counts = new long[StatusText.ClassNames.Length];
        return counts;
    }

    private static long[] Of(Dictionary<string, long[]> table, ReadOnlySpan<byte> key)
    {
        Span<char> text = stackalloc char[key.Length];
        text = text[..Encoding.UTF8.GetChars(key, text)];
        Dictionary<string, long[]>.AlternateLookup<ReadOnlySpan<char>> lookup = table.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(text, out long[]? counts))
            lookup[text] = counts = new long[StatusText.ClassNames.Length];
        return counts;
    }
}
