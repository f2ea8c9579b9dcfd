using System.Text;
using System.Text.Json;

namespace RemoteTasks.Cli.Tests.Support;

/// <summary>A cache that <c>import</c> made of a few tasks.</summary>
internal static class SampleCache
{
    internal const long Begin = 1_790_000_000;

    /// <summary>A line of import; without an end it is of a running task.</summary>
    internal static string Line(int number, string type = "qmstart", string id = "100", string user = "root@pam", string? status = "OK", string remote = "pve-1", string node = "n1", bool isRunning = false)
    {
        var members = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["upid"] = $"pve:{remote}!UPID:{node}:{number:X8}:00000001:{Begin + number:X8}:{type}:{id}:{user}:",
            ["starttime"] = Begin + number,
        };
        if (status is not null)
            members["status"] = status;
        if (!isRunning)
            members["endtime"] = Begin + number + 100;
        return JsonSerializer.Serialize(members);
    }

    internal static async Task<string> MakeAsync(TempDirectory directory, params IEnumerable<string> lines)
    {
        string cache = directory.PathOf("remote-tasks");
        CommandResult result = await CommandResult.RunAsync(["import", "--cache", cache], Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        Assert.True(result.ExitCode == 0 && result.Error.Length == 0, result.Error);
        return cache;
    }

    /// <summary>A few of everything: all statuses, two remotes, three nodes, five users.</summary>
    internal static IEnumerable<string> Mixed(int count) => Enumerable.Range(0, count).Select(i => Line(
        i,
        ((string[])["qmstart", "vzdump", "qmigrate"])[i % 3],
        $"{100 + i % 7}",
        $"u{i % 5}@pam",
        ((string?[])["OK", "OK", "WARNINGS: 2", "job errors", "unexpected status", null])[i % 6],
        $"pve-{1 + i % 2}",
        $"n{1 + i % 3}",
        isRunning: i % 97 == 0));
}
