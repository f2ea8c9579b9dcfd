using System.Diagnostics;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Locking;

namespace RemoteTasks.Reliability.Tests;

/// <summary>flock(2) among processes: this program several times, and as a stranger the <c>flock</c> command.</summary>
public sealed class LockTortureTests : IDisposable
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(50);

    private readonly ITestOutputHelper _output;
    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-torture-").FullName;

    public LockTortureTests(ITestOutputHelper output) => _output = output;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    // Invariants checked: nothing that one process wrote while it was alone is lost, and none that reads sees half of it.
    [Fact]
    public async Task Three_processes_and_a_stranger_lose_nothing_and_see_nothing_half_done()
    {
        int seconds = Effort.Of(usual: 5, nightly: 60);
        File.WriteAllText(PathOf("a"), "0");
        File.WriteAllText(PathOf("b"), "0");
        using Process stranger = Shell(
            $"n=0; end=$(($(date +%s) + {seconds})); while [ $(date +%s) -lt $end ]; do flock -w 30 -x .lock sh -c 'v=$(($(cat a) + 1)); echo $v > a; echo $v > b' && n=$((n + 1)); done; echo $n");
        Process[] children = [.. Enumerable.Range(0, 3).Select(_ => TortureChild.Start("count", _directory, seconds))];
        int byStranger = int.Parse(await stranger.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        (int raised, int compared, int torn) = await Results(children);
        int number = int.Parse(File.ReadAllText(PathOf("a")));
        _output.WriteLine($"4 processes, {seconds} s: raised {raised + byStranger:N0} times ({byStranger:N0} by the stranger), lost {raised + byStranger - number}; compared {compared:N0} times, torn {torn}");
        Assert.Equal(raised + byStranger, number);
        Assert.Equal(0, torn);
        Assert.True(raised > 0 && byStranger > 0 && compared > 0);
    }

    // A machine with other things to do wakes everybody late: what counts is how much later than who only slept.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_time_limit_is_kept(bool isExclusive)
    {
        const int Asked = 300;
        LockMode mode = isExclusive ? LockMode.Exclusive : LockMode.Shared;
        using Process holder = Shell("flock -x .lock sh -c 'echo held; read line'");
        Assert.Equal("held", holder.StandardOutput.ReadLine());
        using IDiskLock waiting = RealDisk.Instance.OpenLock(PathOf(".lock"));
        double[] late = new double[7];
        for (int i = 0; i < late.Length; i++)
        {
            long begun = Stopwatch.GetTimestamp();
            Thread.Sleep(Asked);
            TimeSpan slept = Stopwatch.GetElapsedTime(begun);
            begun = Stopwatch.GetTimestamp();
            Assert.False(waiting.TryTake(mode, TimeSpan.FromMilliseconds(Asked)));
            TimeSpan waited = Stopwatch.GetElapsedTime(begun);
            Assert.True(waited.TotalMilliseconds >= Asked, $"gave up after {waited.TotalMilliseconds:0.0} ms");
            late[i] = (waited - slept).TotalMilliseconds;
        }

        holder.StandardInput.Close();
        holder.WaitForExit();
        Array.Sort(late);
        _output.WriteLine($"{mode}: gave up {late[0]:0.0} to {late[^1]:0.0} ms later than a sleep of {Asked} ms, in the middle {late[late.Length / 2]:0.0} ms");
        Assert.InRange(late[late.Length / 2], -Tolerance.TotalMilliseconds, Tolerance.TotalMilliseconds);
    }

    // Invariant checked: readers that never pause hold nobody up for long, and see tasks come only.
    [Fact]
    public async Task A_writer_gets_in_while_two_processes_read_without_a_pause()
    {
        int seconds = Effort.Of(usual: 4, nightly: 60);
        var cache = TaskCache.Open(PathOf("cache"), new TaskCacheOptions { InitialFiles = 1 });
        int written = 0;
        TimeSpan alone = Write(TimeSpan.FromSeconds(1));
        Process[] readers = [.. Enumerable.Range(0, 2).Select(_ => TortureChild.Start("read", _directory, seconds))];
        TimeSpan among = Write(TimeSpan.FromSeconds(seconds));
        (_, int reads, int torn) = await Results(readers);
        _output.WriteLine($"{written:N0} updates and applies; the slowest took {alone.TotalMilliseconds:0} ms alone, {among.TotalMilliseconds:0} ms among 2 processes that read {reads:N0} times, torn {torn}");
        Assert.True(reads > 0);
        Assert.Equal(0, torn);
        Assert.True(among <= TimeSpan.FromSeconds(1) + alone, $"a writer waited {among.TotalSeconds:0.00} s");

        TimeSpan Write(TimeSpan time)
        {
            TimeSpan slowest = TimeSpan.Zero;
            for (var watch = Stopwatch.StartNew(); watch.Elapsed < time; written++)
            {
                long begun = Stopwatch.GetTimestamp();
                using (CacheWriter writer = cache.Write())
                {
                    writer.Update(new TaskBatch { Tasks = [new TaskRecord($"pve:r!UPID:n:00000001:00000002:{written:X8}:t::u:", written, "OK", written)] });
                    writer.ApplyJournal();
                }

                TimeSpan took = Stopwatch.GetElapsedTime(begun);
                slowest = took > slowest ? took : slowest;
            }

            return slowest;
        }
    }

    // flock(2) is not fair. Strangers that hold the lock shared in turns, never letting it go, keep out who wants to be alone until they pause: it is told,
    // here as a figure, and to the user as an error with what to do.
    [Fact]
    public async Task Strangers_that_hold_the_lock_in_turns_are_waited_for()
    {
        const string Loop = "end=$(($(date +%s) + 3)); echo begun; while [ $(date +%s) -lt $end ]; do flock -s .lock sleep 0.05; done";
        using Process one = Shell(Loop);
        using Process two = Shell(Loop);
        Assert.Equal("begun", one.StandardOutput.ReadLine());
        Assert.Equal("begun", two.StandardOutput.ReadLine());
        using IDiskLock waiting = RealDisk.Instance.OpenLock(PathOf(".lock"));
        long begun = Stopwatch.GetTimestamp();
        Assert.True(waiting.TryTake(LockMode.Exclusive, TimeSpan.FromSeconds(20)));
        _output.WriteLine($"alone after {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.00} s; the strangers went on for 3 s");
        waiting.Dispose();
        await one.WaitForExitAsync(TestContext.Current.CancellationToken);
        await two.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private string PathOf(string name) => Path.Combine(_directory, name);

    private Process Shell(string command) => Process.Start(
        new ProcessStartInfo("sh", ["-c", command]) { WorkingDirectory = _directory, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;

    private async Task<(int Raised, int Compared, int Torn)> Results(Process[] children)
    {
        (int Raised, int Compared, int Torn) sum = (0, 0, 0);
        foreach (Process child in children)
        {
            string said = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            string result = PathOf($"result.{child.Id}");
            Assert.True(child.ExitCode == 0 && File.Exists(result), said);
            int[] numbers = [.. File.ReadAllText(result).Split(' ').Select(int.Parse)];
            sum = (sum.Raised + numbers[0], sum.Compared + numbers[1], sum.Torn + numbers[2]);
            child.Dispose();
        }

        return sum;
    }
}
