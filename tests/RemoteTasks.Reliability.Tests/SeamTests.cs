using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace RemoteTasks.Reliability.Tests;

/// <summary>Files are changed in one place only, where every error of the operating system is seen.</summary>
public sealed partial class SeamTests(ITestOutputHelper output)
{
    private static readonly string[] Banned =
    [
        "FileStream.Flush(", "RandomAccess.FlushToDisk(", "File.Move(", "File.Replace(", "File.Copy(", "FileInfo.MoveTo(", "FileInfo.Replace(", "FileStream.Lock(",
        "File.WriteAllText(", "File.WriteAllTextAsync(", "File.WriteAllBytes(", "File.WriteAllBytesAsync(", "File.WriteAllLines(", "File.WriteAllLinesAsync(",
        "File.AppendAllText(", "File.AppendAllTextAsync(", "File.AppendAllBytes(", "File.AppendAllLines(",
    ];

    [Fact]
    public void The_lint_knows_every_call_that_hides_errors_or_syncs_nothing()
    {
        string root = Root();
        string lint = File.ReadAllText(Path.Combine(root, "BannedSymbols.txt")) + File.ReadAllText(Path.Combine(root, "BannedSymbols.Product.txt"));
        Assert.All(Banned, name => Assert.Contains($"M:System.IO.{name}", lint, StringComparison.Ordinal));
    }

    // The lint knows overloads one by one; this knows names, and whoever switches the lint off.
    [Fact]
    public void The_product_uses_none_of_them()
    {
        string[] sources = Sources("src");
        string[] found = [.. sources.Where(path => BannedCall().IsMatch(Code(path)))];
        output.WriteLine($"{sources.Length} files read, {found.Length} with calls that are banned");
        Assert.Empty(found);
    }

    [Fact]
    public void Nothing_in_the_cache_touches_a_file_but_the_disk()
    {
        string[] sources = [.. Sources("src/RemoteTasks.Cache").Where(path => !path.Contains("/Disk/", StringComparison.Ordinal))];
        string[] found = [.. sources.Where(path => FileCall().IsMatch(Code(path)))];
        output.WriteLine($"{sources.Length} files read, {found.Length} touch files");
        Assert.Empty(found);
    }

    private static string[] Sources(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(Root(), folder), "*.cs", SearchOption.AllDirectories).Where(path => !path.Contains("/obj/", StringComparison.Ordinal))];

    /// <summary>A file without its comments.</summary>
    private static string Code(string path) =>
        string.Join('\n', File.ReadLines(path).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)));

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    [GeneratedRegex(
        @"\.Flush\s*\(\s*(true|flushToDisk)|\bFlushToDisk\b|\bFile\s*\.\s*(Move|Replace|Copy|WriteAll|AppendAll)|\.(Lock|Unlock)\s*\(\s*\w+\s*,"
        + "|RS0030",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex BannedCall();

    // Properties called File and Directory are not types.
    [GeneratedRegex(
        @"(?<![\w.])(File|Directory)\s*\.\s*[A-Z]|\b(FileInfo|DirectoryInfo|FileStream|RandomAccess|StreamWriter|SafeFileHandle|Libc)\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex FileCall();
}
