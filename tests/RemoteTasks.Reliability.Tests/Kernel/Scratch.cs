using System.Diagnostics;

namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>
/// A directory of one test. Whatever is mounted or runs in it is gone with it; what a test that was killed itself has left, the next one removes.
/// </summary>
internal sealed class Scratch : IDisposable
{
    private const string Prefix = "remote-tasks-kernel-";
    private const string OwnerFile = "owner";

    private static readonly TimeSpan MakingMax = TimeSpan.FromMinutes(1);

    // Where a sync costs nothing there is more to be seen in the same time. What is kept there survives a kill, and images have disks of their own.
    private static readonly string Root = Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath();

    private readonly FileStream _owner;

    internal Scratch()
    {
        foreach (string left in Directory.GetDirectories(Root, Prefix + "*").Where(IsLeft))
            Remove(left);
        Path = Directory.CreateDirectory(System.IO.Path.Combine(Root, Prefix + Guid.NewGuid().ToString("N"))).FullName;
        _owner = new FileStream(PathOf(OwnerFile), FileMode.CreateNew, FileAccess.Write, FileShare.None);
    }

    internal string Path { get; }

    internal string PathOf(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        _owner.Dispose();
        Remove(Path);
    }

    /// <summary>Whether its owner is gone: the system takes the lock back however a process ends.</summary>
    private static bool IsLeft(string directory)
    {
        try
        {
            new FileStream(System.IO.Path.Combine(directory, OwnerFile), FileMode.Open, FileAccess.Write, FileShare.None).Dispose();
            return true;
        }
        catch (FileNotFoundException)
        {
            return TimeProvider.System.GetUtcNow().UtcDateTime - Directory.GetCreationTimeUtc(directory) > MakingMax;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Remove(string directory)
    {
        foreach (int process in Users(directory))
            Tool.TryRun(out _, "kill", "-KILL", $"{process}");
        foreach (string mounted in MountsIn(directory))
            Tool.TryRun(out _, "umount", "--lazy", mounted);
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Processes that were started with a path in the directory: nobody but these tests knows its name.</summary>
    private static IEnumerable<int> Users(string directory)
    {
        foreach (string entry in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(System.IO.Path.GetFileName(entry), out int id) || id == Environment.ProcessId)
                continue;
            string line = "";
            try
            {
                line = File.ReadAllText(System.IO.Path.Combine(entry, "cmdline"));
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                Debug.Assert(line.Length == 0, "It has ended meanwhile.");
            }

            if (line.Contains(directory, StringComparison.Ordinal))
                yield return id;
        }
    }

    /// <summary>The innermost first.</summary>
    private static string[] MountsIn(string directory) =>
        [.. File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')[1]).Where(path => path.StartsWith(directory + "/", StringComparison.Ordinal)).Reverse()];
}
