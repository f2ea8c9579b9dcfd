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
        bool exposed = !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & Others) != UnixFileMode.None;
        byte[] content = new byte[bytesMax + 1];
        int count = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        if (count > bytesMax)
            throw new IOException($"it is larger than {bytesMax} bytes");
        return new SecretFile(content.AsMemory(0, count), exposed);
    }

    internal static bool IsReadError(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;
}
