using System.Globalization;
using ZstdSharp;

namespace RemoteTasks.Benchmarks.LineScan;

/// <summary>
/// The reference's files: seven days, <c>archive.EPOCH</c> with tasks that began at or after EPOCH, the two newest plain, the others
/// one zstd frame of level 3. The oldest takes what is older than itself: the reference drops it, and the answers would differ.
/// </summary>
internal sealed class ScanFiles(string directory)
{
    private const int Files = 7;
    private const int PlainFiles = 2;
    private const long Day = 86_400;
    private const int Level = 3;

    internal string Journal { get; } = Path.Combine(directory, "journal");

    internal string Active { get; } = Path.Combine(directory, "active");

    internal string State { get; } = StateIn(directory);

    /// <summary>Lower bounds, newest first; empty before <see cref="Make"/>.</summary>
    internal long[] Epochs { get; private set; } = Directory.Exists(directory)
        ? [.. Directory.EnumerateFiles(directory, "archive.*").Select(path => EpochOf(Path.GetFileName(path))).OrderDescending()]
        : [];

    internal static string StateIn(string directory) => Path.Combine(directory, "state");

    internal void Make(long now)
    {
        Directory.CreateDirectory(directory);
        long newest = now - (now % Day);
        Epochs = [.. Enumerable.Range(0, Files).Select(i => newest - (i * Day))];
        for (int i = 0; i < Files; i++)
            Replace(i, []);
        File.WriteAllBytes(Journal, []);
        File.WriteAllBytes(Active, []);
    }

    internal Stream Open(int index)
    {
        FileStream file = File.OpenRead(PathOf(index));
        return index < PlainFiles ? file : new DecompressionStream(file, leaveOpen: false);
    }

    /// <summary>New content for a file: temporary, synced, renamed.</summary>
    internal void Replace(int index, IEnumerable<ReadOnlyMemory<byte>> lines)
    {
        string temporary = PathOf(index) + ".tmp";
        using (FileStream file = File.Create(temporary, 64 << 10))
        {
            using (CompressionStream? compressed = index < PlainFiles ? null : new CompressionStream(file, Level, leaveOpen: true))
            {
                Stream target = compressed ?? (Stream)file;
                foreach (ReadOnlyMemory<byte> line in lines)
                {
                    target.Write(line.Span);
                    target.Write("\n"u8);
                }
            }

            Posix.Sync(file);
        }

        Posix.Replace(temporary, PathOf(index));
    }

    internal static void ReplaceWhole(string path, ReadOnlySpan<byte> content)
    {
        using (FileStream file = File.Create(path + ".tmp"))
        {
            file.Write(content);
            Posix.Sync(file);
        }

        Posix.Replace(path + ".tmp", path);
    }

    private static long EpochOf(string name) => long.Parse(name.Split('.')[1], CultureInfo.InvariantCulture);

    private string PathOf(int index) =>
        Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"archive.{Epochs[index]}{(index < PlainFiles ? "" : ".zst")}"));
}
