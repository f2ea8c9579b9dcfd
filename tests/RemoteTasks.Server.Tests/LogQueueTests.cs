using RemoteTasks.Cache;
using RemoteTasks.Server.TaskLogs;

namespace RemoteTasks.Server.Tests;

/// <summary>Which log is fetched next.</summary>
public sealed class LogQueueTests
{
    [Fact]
    public void One_of_a_remote_at_a_time_and_the_others_meanwhile()
    {
        var queue = new LogQueue(10);
        Assert.All((int[])[1, 2], number => Assert.True(queue.TryAdd(Task("a", number), due: 0)));
        Assert.True(queue.TryAdd(Task("b", 1), due: 0));
        LogJob first = queue.Take(now: 0)!;
        Assert.Equal("b", queue.Take(now: 0)!.Task.Remote);
        Assert.Null(queue.Take(now: 0));
        Assert.Null(queue.NextDue);
        queue.Settle(first);
        Assert.Equal(0, queue.NextDue);
        Assert.Equal(2, queue.Take(now: 0)!.Task.StartTime);
    }

    [Fact]
    public void What_is_put_back_waits_for_its_time_and_counts_its_tries()
    {
        var queue = new LogQueue(10);
        queue.TryAdd(Task("a", 1), due: 0);
        queue.PutBack(queue.Take(now: 0)!, due: 50);
        Assert.Null(queue.Take(now: 49));
        Assert.Equal(50, queue.NextDue);
        Assert.Equal(1, queue.Take(now: 50)!.Tries);
    }

    [Fact]
    public void Each_is_taken_up_once_and_no_more_than_there_is_room_for()
    {
        var queue = new LogQueue(2);
        Assert.True(queue.TryAdd(Task("a", 1), due: 0));
        Assert.False(queue.TryAdd(Task("a", 1), due: 0));
        Assert.True(queue.TryAdd(Task("a", 2), due: 0));
        Assert.False(queue.TryAdd(Task("a", 3), due: 0));
        Assert.Equal(2, queue.Count);
        LogJob job = queue.Take(now: 0)!;
        Assert.False(queue.TryAdd(job.Task, due: 0));
        queue.Settle(job);
        Assert.False(queue.TryAdd(job.Task, due: 0));

        // Of what is done with so much is remembered as there is room for, so that memory has an end.
        for (int number = 10; number < 13; number++)
        {
            queue.TryAdd(Task("b", number), due: 0);
            queue.Settle(queue.Take(now: 0)!);
        }

        Assert.True(queue.TryAdd(job.Task, due: 0));
    }

    private static RemoteUpid Task(string remote, int number)
    {
        Assert.True(RemoteUpid.TryParse($"pve:{remote}!UPID:n:00000001:00000001:{number:X8}:qmstart:1:root@pam:", out RemoteUpid? task, out string? problem), problem);
        return task;
    }
}
