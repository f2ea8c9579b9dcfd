using System.Globalization;

namespace RemoteTasks.Cli.Tests.Support;

/// <summary>Makes a realistic, hostile mix of lines from a seed.</summary>
internal sealed class TaskMaker(int seed, long from, long to)
{
    private static readonly string[] Users = ["root@pam", "backup@pbs!sync", "joe@pve", "mon@pve!tok", "rare@pve", "Ünal@pam"];
    private static readonly string[] PveTypes = ["vzdump", "qmstart", "qmshutdown", "vzstart", "aptupdate", "vncproxy", "imgdel", "qmigrate"];
    private static readonly string[] PveIds = ["", "100", "101", "1001", "local-lvm", "101@store", "a.b", "100@x!y", @"back\slash"];
    private static readonly (string Raw, string? Shown)[] PbsIds =
        [("", null), ("store", "store"), (@"main\x3avm-100", "main:vm/100"), (@"main\x3ans\x3act-101", "main:ns:ct/101"), (@"Backup\x2dVms\x3avm-6002", "Backup-Vms:vm/6002")];
    private static readonly string?[] Statuses =
        ["OK", "OK", "OK", "OK", "OK", "OK", "WARNINGS: 3", "job errors", "unexpected status", "unknown", "", null, "Fehler: Gerät \"x\" <b>weg</b> \u001b[31m", "interrupted by signal"];

    internal Random Random { get; } = new(seed);

    internal ModelTask Finished()
    {
        ModelTask task = Running();
        return Finish(task);
    }

    internal ModelTask Finish(ModelTask task) => task with { End = task.Start + Random.Next(0, 7200), Status = Statuses[Random.Next(Statuses.Length)] };

    internal ModelTask Running()
    {
        long start = Random.NextInt64(from, to);
        if (Random.Next(3) == 0)
            start -= start % 3600;
        int remote = Random.Next(10);
        int pid = Random.Next(1, int.MaxValue);
        string user = Users[Random.Next(Users.Length)];
        if (remote < 8)
        {
            string id = PveIds[Random.Next(PveIds.Length)];
            long pstart = Random.Next(4) == 0 ? 0x8206F38C9 : Random.Next();
            return new ModelTask(
                "pve", $"cluster-{remote}", $"node{Random.Next(5)}", pid, pstart, start, PveTypes[Random.Next(PveTypes.Length)], id, id.Length == 0 ? null : id, user, End: null,
                Random.Next(2) == 0 ? "RUNNING" : null);
        }

        (string raw, string? shown) = PbsIds[Random.Next(PbsIds.Length)];
        string type = Random.Next(2) == 0 ? "backup" : "verificationjob";
        return new ModelTask("pbs", $"pbs.{remote}", $"store-{remote}", pid, Random.Next(), start, type, raw, shown, user, End: null, Status: null);
    }

    /// <summary>A line that no cache may take.</summary>
    internal string Rubbish()
    {
        string good = Finished().ToLine();
        return Random.Next(8) switch
        {
            0 => good[..(good.Length / 2)],
            1 => "not json at all",
            2 => """{"starttime":5}""",
            3 => good.Replace("UPID:", "UPID:bad node:", StringComparison.Ordinal),
            4 => good.Replace("\"starttime\":", "\"starttime\":1", StringComparison.Ordinal),
            5 => "[1,2,3]",
            6 => good.Replace("!UPID", "UPID", StringComparison.Ordinal),
            _ => string.Create(CultureInfo.InvariantCulture, $$"""{"upid":{{Random.Next()}},"starttime":1}"""),
        };
    }
}
