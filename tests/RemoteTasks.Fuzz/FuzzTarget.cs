using RemoteTasks.Fuzz.Targets;

namespace RemoteTasks.Fuzz;

/// <summary>Something that reads bytes from outside.</summary>
/// <param name="Name">Also the name of its folder in the corpus.</param>
/// <param name="Description">What the bytes are.</param>
/// <param name="Run">Reads them. Throws when anything but a documented exception came out, or an invariant did not hold.</param>
/// <param name="Words">What mutations put in.</param>
public sealed record FuzzTarget(string Name, string Description, Action<byte[]> Run, IReadOnlyList<string> Words)
{
    /// <summary>Inputs longer than this show nothing that shorter ones do not.</summary>
    public const int BytesMax = 64 << 10;

    private static readonly string[] LineWords =
    [
        "{\"upid\":\"", "\",\"starttime\":", ",\"status\":\"", "\",\"endtime\":", "}\n", "\n", "pve:", "pbs:", "pve-1!UPID:n1:", ":00000010:", ":00000000:", "\\u0000", "\\ud800",
        "null", "-1", "9223372036854775807", "-9223372036854775808", "1e9", "0", "\\n", "\\x2d", "é", "[[[[[[[[[[[[[[[[[[", "\"upid\"", "\"endtime\"", "OK", "WARNINGS: 1", "RUNNING",
    ];

    private static readonly string[] AnswerWords =
    [
        "{\"data\":", "\"total\":", "[", "]", "{", "}", ",", "null", "true", "\"upid\":\"UPID:", ":00000010:", ":root@pam:\"", "\"starttime\":", "\"endtime\":", "\"status\":", "\"exitstatus\":",
        "\"OK\"", "\"running\"", "\"stopped\"", "\"n\":", "\"t\":", "\"node\":", "\"online\"", "/nodes/n1", "\"Sys.Audit\":", "1e999", "-0", "9223372036854775807", "\\ud800", "\\u0000",
    ];

    private static readonly string[] StateWords =
    [
        "\"remote-state\":{", "\"node-state\":{", "\"cutoff\":", "\"not-reached-since\":", "\"gaps\":[", "{\"from\":1,\"to\":2}", "\"tracked-tasks\":[", "\"repairs\":[", "\"file\":\"archive.1\"",
        "\"problem\":\"\"", "\"settled\":", "\"renaming\":{\"from\":\"pve-1\",\"to\":\"b\"}", "\"removing\":\"pve-1\"", "null", "[]", "{}", "\\ud800", "9223372036854775807", "\"\":", ",", "}",
    ];

    private static readonly string[] QueryWords =
    [
        "&", "=", "%", "%00", "%F0%9F%98%80", "%ED%A0%80", "start", "limit", "since", "until", "errors", "running", "userfilter", "typefilter", "statusfilter", "remote", "node", "guest", "worker-id",
        "text", "after", "9223372036854775807", "-9223372036854775808", "-1", "0", "1", "true", "off", "ok,warning", "UPID:", "pve-1", "n1", "pve%3Apve-1!UPID%3An1%3A00000001%3A00000010%3A",
    ];

    private static readonly string[] FrameWords = ["F\0\x10", "R\0\x04", "S\0\x04", "T", "D\0\x01\x02", "Z"];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("line", "one line of a file", LineTarget.Run, LineWords),
        new("journal", "the file journal", FileTargets.Journal, LineWords),
        new("active", "the file active", FileTargets.Active, LineWords),
        new("archive", "a plain archive", FileTargets.Archive, LineWords),
        new("zst", "a compressed archive", CompressedTargets.Raw, []),
        new("frames", "a recipe for a compressed archive: zstd frames of some content, seek tables, rubbish", CompressedTargets.Recipe, [.. LineWords, .. FrameWords]),
        new("index", "changes of the index beside a compressed archive, with its sums made right or left alone", IndexTarget.Run, []),
        new("state", "the file state", StateTarget.Run, StateWords),
        new("query", "the query string of list and statistics", QueryTarget.Run, QueryWords),
        new("answers", "answers of Proxmox: task lists, states, logs, nodes, permissions, errors; the first byte says which", AnswerTarget.Run, AnswerWords),
    ];

    /// <summary>The target of a name; null when there is none.</summary>
    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}

/// <summary>Something that must hold for all bytes did not.</summary>
public sealed class BrokenInvariantException(string message) : Exception(message)
{
    internal static void ThrowUnless(bool holds, string what)
    {
        if (!holds)
            throw new BrokenInvariantException(what);
    }
}
