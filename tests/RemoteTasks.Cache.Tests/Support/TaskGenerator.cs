using System.Text;

namespace RemoteTasks.Cache.Tests.Support;

/// <summary>Random tasks, records and queries over a small world, so that equal UPIDs, seconds and words are common. One seed, one sequence.</summary>
internal sealed class TaskGenerator(Random random, long now, int spread = 4)
{
    private const long Day = 86_400;

    // Made once: most rubbish is another one.
    private static readonly string TooLong = new('x', 2 << 20);

    private static readonly (string Raw, string? Shown)[] PveIds =
        [("", null), ("100", "100"), ("101@sync", "101@sync"), ("pve-cluster", "pve-cluster"), ("a\\x2db", "a\\x2db"), ("é@ß", "é@ß")];

    private static readonly (string Raw, string? Shown)[] PbsIds =
        [("", null), ("store\\x3avm-100", "store:vm/100"), ("s\\x3ans\\x3act-101-x", "s:ns:ct/101/x"), ("bad\\xzz", "bad\\xzz"), ("n-\\xc3\\xa9", "n/é"), ("\\xff-x", "\\xff-x")];

    private static readonly string?[] Statuses =
        ["OK", "OK", "OK", "WARNINGS: 3", "unknown", "unexpected status", "", null, "RUNNING", "stopped: \"quoted\" \\ \n line", "Fehler: Größe 超過 😀", "ok"];

    internal ModelTask Task(bool? isRunning = null)
    {
        bool isPbs = random.Next(3) == 0;
        (string raw, string? shown) = Pick(isPbs ? PbsIds : PveIds);
        long start = Start();
        bool runs = isRunning ?? random.Next(4) == 0;
        return new ModelTask
        {
            IsPbs = isPbs,
            Remote = isPbs ? Pick<string>(["pbs-1", "b2"]) : Pick<string>(["pve-1", "pve-2", "a.b_c"]),
            Node = Pick<string>(["n1", "N2", "node-3"]),
            Pid = Pick<uint>([1, 0x39E4D, 0xFFFFFFFF]),
            PStart = Pick<long>([0x10, 0x1_2345_6789]),
            Start = start,
            Type = Pick<string>(["vzdump", "qmstart", "vzstart", "backup"]),
            RawId = raw,
            ShownId = shown,
            User = Pick<string>(["root@pam", "ops@pve!token", "Root@pam"]),
            Status = runs ? Pick<string?>([null, "RUNNING", "OK"]) : Pick(Statuses),
            End = runs ? null : start + random.Next(3),
        };
    }

    /// <summary>The same task in another version.</summary>
    internal ModelTask Again(ModelTask task, bool runs) => task with
    {
        Status = runs ? "RUNNING" : Pick(Statuses),
        End = runs ? null : task.Start + random.Next(1_000),
    };

    /// <summary>As a caller has it: made from parts, or read from a line in the old or the new form, with members nobody knows.</summary>
    internal TaskRecord Record(ModelTask task)
    {
        if (random.Next(3) > 0)
            return new TaskRecord(task.Upid, task.Start, task.Status, task.End);
        string line = Line(task, isOld: random.Next(2) == 0, extra: random.Next(2) == 0 ? ",\"x-note\":{\"a\":[1,\"ü\"]}" : "");
        Assert.True(TaskRecord.TryParse(Encoding.UTF8.GetBytes(line), out TaskRecord? record, out string? problem), problem);
        return record;
    }

    internal static string Line(ModelTask task, bool isOld = false, string extra = "")
    {
        string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(text);
        string status = task.Status is null ? "" : $",\"status\":{Quote(task.Status)}";
        string end = task.End is null ? "" : $",\"endtime\":{task.End}";
        return $"{{\"upid\":{Quote(isOld ? task.OldForm : task.Upid)},\"starttime\":{task.Start}{status}{end}{extra}}}";
    }

    /// <summary>A record that must be rejected.</summary>
    internal TaskRecord Rubbish()
    {
        ModelTask good = Task();
        return Pick<TaskRecord>(
        [
            new TaskRecord("", 0, "OK", 1),
            new TaskRecord("pve-1!UPID:nonsense", good.Start, "OK", 1),
            new TaskRecord(good.Upid, good.Start + 1, good.Status, good.End),
            new TaskRecord(good.Upid.Replace(":root@pam:", ":ro ot@pam:", StringComparison.Ordinal).Replace("UPID:", "UPID: ", StringComparison.Ordinal), good.Start, "OK", 1),
            new TaskRecord("bad id!" + good.Native, good.Start, "OK", 1),
            new TaskRecord(good.Upid, good.Start, TooLong, good.End),
        ]);
    }

    internal TaskQuery Query()
    {
        var query = new TaskQuery { Limit = 0 };
        int filters = Pick([0, 1, 1, 1, 2, 3]);
        for (int i = 0; i < filters; i++)
        {
            query = random.Next(13) switch
            {
                0 => query with { Scope = Pick<TaskScope>([TaskScope.Running, TaskScope.Finished]) },
                1 => query with { Remote = Pick<string>(["pve-1", "pbs-1", "a.b_c", "nobody"]) },
                2 => query with { Node = Pick<string>(["n1", "N2", "n2"]) },
                3 => query with { Type = Pick<string>(["vz", "vzdump", "start", "Backup", ""]) },
                4 => query with { User = Pick<string>(["root", "@pam", "token", "ROOT"]) },
                5 => query with { Statuses = [.. Enum.GetValues<StatusClass>().Where(_ => random.Next(3) == 0)] },
                6 => query with { Errors = true },
                7 => query with { Guest = Pick<long>([100, 101, 10]) },
                8 => query with { WorkerId = Pick<string>(["", "100", "store:vm/100", "pve-cluster", "n/é"]) },
                9 => query with { Text = Pick<string>(["VZDUMP", "größe", "Größe", "pve-1!UPID:n1", "vm/1", "😀", "quoted\"", ""]) },
                10 => query with { Since = Start() },
                11 => query with { Until = Start() },
                _ => query with { Since = now - Day, Until = now + Day },
            };
        }

        return query;
    }

    internal T Pick<T>(IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];

    private long Start() => random.Next(12) switch
    {
        0 => Pick<long>([0, 1_000, 0xFFFF_FFFF, now + (400 * Day), now - (3_000 * Day)]),
        < 6 => now - (random.Next(20) * Day) + random.Next(spread),
        _ => now - random.Next(spread),
    };
}
