namespace RemoteTasks.Benchmarks.Data;

/// <summary>Makes the task of one host in one slot of time: realistic types, users, ids, results and durations.</summary>
internal sealed class TaskMaker(ulong seed, long begin, double period, long end)
{
    private const double RareUserShare = 0.001;
    private const string RareUser = "auditor@corp-ldap";

    internal TaskInput Make(Host host, int slot)
    {
        var dice = new Dice(seed, host.Index, slot);
        TaskKind kind = TaskMix.Pick(host.IsBackupServer, dice.Share());
        long start = Start(ref dice, slot, kind.IsScheduled);
        int guest = 100 + dice.Skewed(0, 900);
        string upid = Upid(ref dice, host, slot, kind, start, guest);
        long ended = start + dice.Skewed(kind.SecondsMin, kind.SecondsMax);
        if (ended > end)
            return new TaskInput(upid, start, host.IsBackupServer ? null : "RUNNING", null);
        return new TaskInput(upid, start, Status(ref dice, host, kind, start, guest), ended);
    }

    /// <summary>Anywhere in the slot; timers fire on the hour, so many tasks of a fleet begin in the same second.</summary>
    private long Start(ref Dice dice, int slot, bool isScheduled)
    {
        double from = begin + (slot * period);
        double hour = Math.Ceiling(from / 3600) * 3600;
        if (isScheduled && hour < from + period)
            return (long)hour;
        return (long)(from + (dice.Share() * period));
    }

    private static string Upid(ref Dice dice, Host host, int slot, TaskKind kind, long start, int guest)
    {
        // Neighbouring slots never share a process id, so no UPID comes twice.
        long pid = 1_000 + (((slot * 61L) + dice.Below(61)) % 4_000_000);
        long uptime = (host.Index % 700 * 86_400L) + 86_400;
        long pstart = (uptime * 100) + (slot * 997L);
        string id = WorkerId(ref dice, kind.Id, guest);
        if (host.IsBackupServer)
        {
            string user = kind.IsScheduled || kind.Id == IdKind.Group ? "backup@pbs!pve-01" : "root@pam";
            return $"pbs:{host.Remote}!UPID:{host.Node}:{900 + (host.Index % 5):X8}:{612:X8}:{(slot * 64L) + (host.Index % 64):X8}:{start:X8}:{kind.Type}:{id}:{user}:";
        }

        return $"pve:{host.Remote}!UPID:{host.Node}:{pid:X8}:{pstart:X8}:{start:X8}:{kind.Type}:{id}:{User(ref dice, kind)}:";
    }

    private static string User(ref Dice dice, TaskKind kind)
    {
        if (dice.Happens(RareUserShare))
            return RareUser;
        if (kind.IsScheduled && dice.Happens(0.8))
            return "root@pam";
        return dice.Happens(0.1) ? $"user{dice.Below(40):D2}@corp-ldap" : dice.Pick(TaskMix.Users);
    }

    /// <summary>A Backup Server's ids come escaped like the names of systemd units.</summary>
    private static string WorkerId(ref Dice dice, IdKind kind, int guest) => kind switch
    {
        IdKind.Guest => $"{guest}",
        IdKind.GuestOrNone => dice.Happens(0.4) ? $"{guest}" : "",
        IdKind.GuestAtStorage => $"{guest}@{dice.Pick(TaskMix.Storages)}",
        IdKind.Storage => dice.Pick(TaskMix.Storages),
        IdKind.Service => dice.Pick(TaskMix.Services),
        IdKind.Image => dice.Pick(TaskMix.Images),
        IdKind.Group => $@"{Store(ref dice)}\x3a{(dice.Happens(0.3) ? @"Prod\x3a" : "")}{(dice.Happens(0.7) ? "vm" : "ct")}-{guest}",
        IdKind.Store => Store(ref dice),
        IdKind.Job => $@"{Store(ref dice)}\x3as\x2d{dice.Below(40):x4}",
        _ => "",
    };

    private static string Store(ref Dice dice) => dice.Pick(TaskMix.Stores).Replace("-", @"\x2d", StringComparison.Ordinal);

    private string Status(ref Dice dice, Host host, TaskKind kind, long start, int guest)
    {
        var outage = new Dice(seed + 1, host.OutageGroup, (int)(start / 3600));
        if (kind.IsScheduled && outage.Happens(0.01) && dice.Happens(0.7))
            return kind.Type == "backup" ? "No space left on device (os error 28)" : "job errors";
        double share = dice.Share();
        if (share < 0.948)
            return "OK";
        if (share < 0.973)
            return $"WARNINGS: {1 + dice.Skewed(0, 8)}";
        if (share < 0.976)
            return host.IsBackupServer ? "unknown" : "unexpected status";
        return string.Format(null, dice.Pick(TaskMix.Failures), guest);
    }
}
