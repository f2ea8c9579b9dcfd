using System.Text;

namespace RemoteTasks.Proxmox.Remotes;

/// <summary>A small file that may hold secrets, and whether group or others may read or change it.</summary>
/// <param name="Content">All of it.</param>
/// <param name="OthersMayRead">False on Windows, where folders of a user are closed to others by default.</param>
internal sealed record SecretFile(ReadOnlyMemory<byte> Content, bool OthersMayRead)
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Its text, without blanks and a byte order mark around it.</summary>
    internal string Text => Encoding.UTF8.GetString(Content.Span).Trim().Trim('\uFEFF');

    /// <exception cref="IOException">It cannot be read or is too large.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    internal static SecretFile Read(string path, int bytesMax)
    {
        using FileStream file = File.OpenRead(path);
        // Of the open file, not of the name: that follows links, and cannot change between check and use.
        UnixFileMode others = IsCredential(path) ? Others & ~UnixFileMode.GroupRead : Others;
        bool exposed = !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & others) != UnixFileMode.None;
        byte[] content = new byte[bytesMax + 1];
        int count = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        if (count > bytesMax)
            throw new IOException($"it is larger than {bytesMax} bytes");
        return new SecretFile(content.AsMemory(0, count), exposed);
    }

    /// <summary>
    /// A credential that systemd gives to a service: where its user is let in by an access list, the mask of that shows as rights of the group, which has none,
    /// in a directory that is closed to all others.
    /// </summary>
    private static bool IsCredential(string path) =>
        Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is { Length: > 0 } directory
        && Path.GetDirectoryName(Path.GetFullPath(path)) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));

    internal static bool IsReadError(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;
}
