namespace RemoteTasks.FakeFleet.Life;

/// <summary>
/// Gives each task of a host the numbers that make its UPID the only one of its kind. On PVE every task is a process; on PBS one
/// daemon runs them all and counts them. Tasks started by hand count elsewhere, so that they do not change the UPIDs of the others.
/// </summary>
internal sealed class Numbering
{
    private const uint PidMax = 2_000_000;
    private const uint HandPidMax = 4_194_304;
    private const long JiffiesPerSecond = 100;
    private const long NineDigitUptimeSeconds = (1L << 32) / JiffiesPerSecond;

    private readonly Dice dice;
    private readonly bool pbs;
    private readonly long boot;
    private uint pid;
    private uint handPid = PidMax + 1;
    private ulong taskId;
    private ulong handTaskId = 0x1_0000_0000;

    public Numbering(Dice dice, bool pbs, long from, bool longUptime)
    {
        this.dice = dice;
        this.pbs = pbs;
        boot = from - dice.Between(86_400, 90 * 86_400) - (longUptime ? NineDigitUptimeSeconds : 0);
        pid = (uint)dice.Between(700, 60_000);
    }

    public void Number(SimTask task)
    {
        if (pbs)
        {
            (task.Pid, task.Pstart, task.TaskId) = (pid, 0x612, ++taskId);
            return;
        }

        pid += (uint)dice.Between(1, 300);
        if (pid > PidMax) pid = 700;
        (task.Pid, task.Pstart) = (pid, Jiffies(task.Start) + (ulong)dice.Between(0, JiffiesPerSecond));
    }

    public void NumberByHand(SimTask task)
    {
        if (pbs)
        {
            (task.Pid, task.Pstart, task.TaskId) = (pid, 0x612, ++handTaskId);
            return;
        }

        handPid = handPid < HandPidMax ? handPid + 1 : PidMax + 1;
        (task.Pid, task.Pstart) = (handPid, Jiffies(task.Start));
    }

    private ulong Jiffies(long time) => (ulong)((time - boot) * JiffiesPerSecond);
}
