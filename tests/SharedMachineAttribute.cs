using System.Collections.Concurrent;
using System.Reflection;
using RemoteTasks.Tests;
using Xunit.v3;

[assembly: SharedMachine]

namespace RemoteTasks.Tests;

/// <summary>
/// Test projects run beside one another, and what the others do adds to a time that is measured. A test that found a time too long takes the machine for itself
/// and measures again: every test that runs now, of other projects too, ends first, and none begins before it is done. What a class prepares and clears away,
/// and its fixtures, are not held back.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class SharedMachineAttribute : BeforeAfterTestAttribute
{
    private const int PauseMs = 20;

    // EWOULDBLOCK: somebody else has it.
    private const int WouldBlock = 11;

    // A test that runs in a process of its own belongs to the one that started it, which has its share.
    private const string Variable = "REMOTE_TASKS_MACHINE_IS_SHARED";

    // Others must not wait for ever behind who waits for one that takes an hour, or that a debugger holds.
    private static readonly TimeSpan PatienceMax = TimeSpan.FromMinutes(2);

    // A test holds the machine shared while it runs, and passes the door to get it. Who wants to be alone shuts the door, waits until the machine is free, and takes it whole.
    private static readonly string Machine = PathOf("machine");
    private static readonly string Door = PathOf("door");

    private static readonly bool IsChild = Environment.GetEnvironmentVariable(Variable) is not null;
    private static readonly ConcurrentDictionary<string, FileStream> Shares = new(StringComparer.Ordinal);

    /// <summary>
    /// No other test runs until what is returned is disposed of; null when others did not end in time. The test that calls it counts as one that runs no more.
    /// </summary>
    public static async Task<IDisposable?> AloneAsync(ITestOutputHelper output, CancellationToken ct)
    {
        GiveBack(TestContext.Current.Test!.UniqueID);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(PatienceMax);
        try
        {
            using FileStream door = await TakeWholeAsync(Door, patience.Token);
            FileStream machine = await TakeWholeAsync(Machine, patience.Token);
            output.WriteLine("Alone:");
            return machine;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            output.WriteLine($"Others did not end within {PatienceMax.TotalMinutes} minutes:");
            return null;
        }
    }

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (IsChild)
            return;
        Environment.SetEnvironmentVariable(Variable, "yes");
        CancellationToken ct = TestContext.Current.CancellationToken;
        using FileStream door = TakeShare(Door, ct);
        Shares[test.UniqueID] = TakeShare(Machine, ct);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test) => GiveBack(test.UniqueID);

    private static void GiveBack(string test)
    {
        if (Shares.TryRemove(test, out FileStream? share))
            share.Dispose();
    }

    private static FileStream TakeShare(string path, CancellationToken ct)
    {
        FileStream? file;
        while ((file = TryOpen(path, FileShare.Read)) is null)
        {
            ct.WaitHandle.WaitOne(PauseMs);
            ct.ThrowIfCancellationRequested();
        }

        return file;
    }

    private static async Task<FileStream> TakeWholeAsync(string path, CancellationToken ct)
    {
        FileStream? file;
        while ((file = TryOpen(path, FileShare.None)) is null)
            await Task.Delay(PauseMs, ct);
        return file;
    }

    /// <summary>Opens a file that is locked, shared or for one alone, until it is closed; null while others have it.</summary>
    private static FileStream? TryOpen(string path, FileShare share)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, share);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            return null;
        }
    }

    // Each user's own: what one has made another may not be able to open.
    private static string PathOf(string name) => Path.Combine(Path.GetTempPath(), $"remote-tasks-tests-{Environment.UserName}.{name}");
}
