using System.Collections.Concurrent;
using System.Reflection;
using RemoteTasks.Tests;
using Xunit.v3;

[assembly: SharedMachine]

namespace RemoteTasks.Tests;

/// <summary>
/// Test projects run beside one another, and what the others do adds to a time that is measured. A test that found a time too long takes the machine for itself
/// and measures again: every test that runs now, of other projects too, ends first, and none begins before it is done.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class SharedMachineAttribute : BeforeAfterTestAttribute
{
    private const int PauseMs = 20;

    // EWOULDBLOCK: somebody else has it.
    private const int WouldBlock = 11;

    // A test that runs in a process of its own belongs to the one that started it, which has its share.
    private const string Variable = "REMOTE_TASKS_MACHINE_IS_SHARED";

    // A test has its share of the machine while it runs. It gets it at the door, where who wants to be alone waits for those that are in and lets nobody pass.
    private static readonly string Machine = PathOf("machine");
    private static readonly string Door = PathOf("door");

    private static readonly bool IsChild = Environment.GetEnvironmentVariable(Variable) is not null;
    private static readonly ConcurrentDictionary<string, FileStream> Shares = new(StringComparer.Ordinal);

    /// <summary>No other test runs until what is returned is disposed of. The one that calls it counts as one that runs no more.</summary>
    public static async Task<IDisposable> AloneAsync(CancellationToken ct)
    {
        GiveBack(TestContext.Current.Test!.UniqueID);
        using FileStream door = await TakeAsync(Door, ct);
        return await TakeAsync(Machine, ct);
    }

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (IsChild)
            return;
        Environment.SetEnvironmentVariable(Variable, "yes");
        using FileStream door = Share(Door);
        Shares[test.UniqueID] = Share(Machine);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test) => GiveBack(test.UniqueID);

    private static void GiveBack(string test)
    {
        if (Shares.TryRemove(test, out FileStream? share))
            share.Dispose();
    }

    private static FileStream Share(string path)
    {
        FileStream? file;
        while ((file = TryOpen(path, FileShare.Read)) is null)
            Thread.Sleep(PauseMs);
        return file;
    }

    private static async Task<FileStream> TakeAsync(string path, CancellationToken ct)
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

    // Each user's own: nobody else may open them.
    private static string PathOf(string name) => Path.Combine(Path.GetTempPath(), $"remote-tasks-tests-{Environment.UserName}.{name}");
}
