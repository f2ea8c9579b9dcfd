using System.Runtime.InteropServices;

namespace RemoteTasks.Cache.Disk;

/// <summary>To whom a file or directory belongs.</summary>
/// <param name="User">The user's number; 0 is root.</param>
/// <param name="Group">The group's number.</param>
public readonly record struct FileOwner(uint User, uint Group)
{
    private const string Names = "/etc/passwd";

    // struct statx is the same on every machine, struct stat is not; these places are counted in 4 bytes.
    private const int StatXInts = 64;
    private const int UserAt = 5;
    private const int GroupAt = 6;

    /// <summary>The user's name where this machine knows one, else the number as sudo takes it.</summary>
    public string Name
    {
        get
        {
            string user = $"{User}";
            IEnumerable<string> lines = File.Exists(Names) ? File.ReadLines(Names) : [];
            return lines.Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > 2 && fields[2] == user)?[0] ?? $"'#{user}'";
        }
    }

    /// <summary>Of what a name leads to; null when nothing is there.</summary>
    /// <exception cref="IOException">It cannot be told.</exception>
    public static unsafe FileOwner? Of(string path)
    {
        uint* buffer = stackalloc uint[StatXInts];
        if (Libc.StatX(Libc.CurrentDirectory, path, flags: 0, Libc.OwnerMask, buffer) == 0)
            return new FileOwner(buffer[UserAt], buffer[GroupAt]);
        int error = Marshal.GetLastPInvokeError();
        return error == Libc.NoEntry ? null : throw Libc.Failure(error, "read the owner of", path);
    }
}
