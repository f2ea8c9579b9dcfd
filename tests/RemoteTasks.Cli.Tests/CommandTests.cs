using System.Text;
using RemoteTasks.Cli.Tests.Support;

namespace RemoteTasks.Cli.Tests;

/// <summary>What every command says to wrong use, to a cache that is missing or damaged, and when all is well.</summary>
public sealed class CommandTests
{
    [Theory]
    [InlineData("", "demo")]
    [InlineData("nosuch", "'nosuch'")]
    [InlineData("list", "--cache DIR, or --server URL")]
    [InlineData("list --cache a --server http://b", "--cache DIR, or --server URL")]
    [InlineData("list --cache ", "--cache needs the name of a directory")]
    [InlineData("list --cache c --format xml", "'jsonl'")]
    [InlineData("list --cache c --guest abc", "--guest: 'abc' is not a whole number")]
    [InlineData("list --cache c --limit -1", "--limit must be 0 or more")]
    [InlineData("list --cache c --limit 99999999999999999999", "--limit: '99999999999999999999'")]
    [InlineData("list --cache c --start -1", "--start must be 0 or more")]
    [InlineData("list --cache c --status ok,bad", "'bad' is none of ok, warning")]
    [InlineData("list --cache c --since yesterday", "--since: 'yesterday' is no time")]
    [InlineData("list --cache c --since 1.5", "--since: '1.5' is no time")]
    [InlineData("list --cache c --until NaNd", "--until: 'NaNd' is no time")]
    [InlineData("list --cache c --after xx", "--after must be the UPID")]
    [InlineData("list --cache c --remote a --remote b", "--remote")]
    [InlineData("list --server http://127.0.0.1:1", "--token-file")]
    [InlineData("list --server nonsense --token-file t", "http://127.0.0.1:8480")]
    [InlineData("list --server http://127.0.0.1:1 --token-file /nonexistent", "There is no token file '/nonexistent'")]
    [InlineData("stats", "--cache DIR, or --server URL")]
    [InlineData("stats --cache c --limit 1", "--limit")]
    [InlineData("import", "--cache")]
    [InlineData("import --cache c --batch 0", "--batch must be 1 or more")]
    [InlineData("import --cache c --batch x", "--batch: 'x' is not a whole number")]
    [InlineData("import --cache c /", "'/' is a directory")]
    [InlineData("apply", "--cache")]
    [InlineData("check", "--cache")]
    [InlineData("check --cache ", "--cache needs the name of a directory")]
    [InlineData("rotate", "--cache")]
    [InlineData("rotate --cache c --keep-days -1", "--keep-days must be 0 or more")]
    [InlineData("rotate --cache c --keep-files 0", "--keep-files must be 1 or more")]
    [InlineData("rotate --cache c --keep-days x", "--keep-days: 'x' is not a number")]
    [InlineData("serve", "--remotes")]
    [InlineData("serve --remotes /nonexistent", "/nonexistent: it cannot be read")]
    [InlineData("demo --remotes 0", "--remotes must be from 1 to 200")]
    [InlineData("demo --port 99999", "--port must be from 0 to 65535")]
    [InlineData("demo --nodes x", "--nodes: 'x' is not a whole number")]
    public async Task Wrong_use_exits_2_and_says_what_would_do(string line, string said)
    {
        CommandResult result = await CommandResult.RunAsync(line.Length == 0 ? [] : line.Split(' '));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", result.Error, StringComparison.Ordinal);
        Assert.Equal("", result.Out);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("8480")]
    [InlineData("127.0.0.1:99999")]
    [InlineData("somewhere:80")]
    public async Task An_address_without_a_port_is_refused(string listen)
    {
        using var directory = new TempDirectory();
        await File.WriteAllTextAsync(directory.PathOf("remotes.json"), """{"remotes":[]}""");
        CommandResult result = await CommandResult.RunAsync("serve", "--remotes", directory.PathOf("remotes.json"), "--data", directory.PathOf("data"), "--listen", listen);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"--listen: '{listen}' is not an address and a port", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("demo")]
    [InlineData("serve")]
    [InlineData("list")]
    [InlineData("stats")]
    [InlineData("import")]
    [InlineData("apply")]
    [InlineData("rotate")]
    [InlineData("check")]
    public async Task Every_command_has_help_and_stands_in_the_help_of_all(string command)
    {
        Assert.Contains($"  {command}", await CommandResult.GoodAsync("--help"), StringComparison.Ordinal);
        string help = await CommandResult.GoodAsync(command, "--help");
        Assert.Matches($"Usage:\n  \\S+ {command}", help);
        Assert.All(help.Split('\n').Where(line => line.StartsWith("  --", StringComparison.Ordinal)), line => Assert.Matches(@"  --.*\S  +\S", line));
    }

    [Theory]
    [InlineData("list")]
    [InlineData("stats")]
    [InlineData("apply")]
    [InlineData("rotate")]
    [InlineData("check")]
    public async Task A_missing_cache_exits_1_with_the_remedy_and_makes_nothing(string command)
    {
        using var directory = new TempDirectory();
        CommandResult result = await CommandResult.RunAsync(command, "--cache", directory.PathOf("none"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"no task cache in '{directory.PathOf("none")}'", result.Error, StringComparison.Ordinal);
        Assert.Contains("import", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory.PathOf("none")));
    }

    [Fact]
    public async Task Apply_rotate_and_check_say_what_they_did()
    {
        using var directory = new TempDirectory();
        string cache = await SampleCache.MakeAsync(directory, SampleCache.Mixed(50));
        Assert.Equal("49 tasks merged into 1 files.\n", await CommandResult.GoodAsync("apply", "--cache", cache));
        Assert.Equal("0 tasks merged into 0 files.\n", await CommandResult.GoodAsync("apply", "--cache", cache));
        Assert.Contains("No new archive is due.", await CommandResult.GoodAsync("rotate", "--cache", cache), StringComparison.Ordinal);

        // As another program leaves it.
        await File.WriteAllTextAsync(Path.Combine(cache, "archive.1000"), "");
        string forced = await CommandResult.GoodAsync("rotate", "--cache", cache, "--force");
        Assert.Matches("Begun: archive\\.[0-9]+\\.zst\nCompressed: archive\\.1000\\.zst", forced);
        string check = await CommandResult.GoodAsync("check", "--cache", cache);
        Assert.Contains("50 tasks (1 running, 0 in the journal)", check, StringComparison.Ordinal);
        Assert.EndsWith("good.\n", check, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_of_a_damaged_cache_exits_1_and_names_the_file()
    {
        using var directory = new TempDirectory();
        string cache = await SampleCache.MakeAsync(directory, SampleCache.Mixed(500));
        await CommandResult.GoodAsync("apply", "--cache", cache);
        string archive = Directory.GetFiles(cache, "archive.*.zst").MaxBy(file => new FileInfo(file).Length)!;
        byte[] bytes = await File.ReadAllBytesAsync(archive);
        bytes.AsSpan(bytes.Length / 2, 20).Fill(0x55);
        await File.WriteAllBytesAsync(archive, bytes);

        CommandResult check = await CommandResult.RunAsync("check", "--cache", cache);
        Assert.Equal(1, check.ExitCode);
        Assert.Contains($"DAMAGE  {Path.GetFileName(archive)}: ", check.Out, StringComparison.Ordinal);
        Assert.EndsWith("damaged.\n", check.Out, StringComparison.Ordinal);
        foreach (string format in (string[])["table", "jsonl", "csv"])
        {
            Assert.Contains("Lacking: ", (await CommandResult.RunAsync("list", "--cache", cache, "--format", format)).Error, StringComparison.Ordinal);
            Assert.Contains("Lacking: ", (await CommandResult.RunAsync("stats", "--cache", cache, "--format", format)).Error, StringComparison.Ordinal);
        }
    }

    // Invariants checked: what was wrong is said, the damaged file is kept as it was, and the cache is good afterwards, without what could not be read.
    [Fact]
    public async Task Check_with_repair_writes_the_file_anew_and_keeps_the_damaged_one()
    {
        using var directory = new TempDirectory();
        string cache = await SampleCache.MakeAsync(directory, SampleCache.Mixed(500));
        await CommandResult.GoodAsync("apply", "--cache", cache);
        Assert.Contains("No file had to be written anew.", await CommandResult.GoodAsync("check", "--repair", "--cache", cache), StringComparison.Ordinal);
        string archive = Directory.GetFiles(cache, "archive.*.zst").MaxBy(file => new FileInfo(file).Length)!;
        byte[] bytes = await File.ReadAllBytesAsync(archive);
        bytes.AsSpan(bytes.Length / 2, 20).Fill(0x55);
        await File.WriteAllBytesAsync(archive, bytes);

        string name = Path.GetFileName(archive);
        string repaired = await CommandResult.GoodAsync("check", "--repair", "--cache", cache);
        Assert.Contains($"DAMAGE  {name}: ", repaired, StringComparison.Ordinal);
        Assert.Contains($"mended  {name}: written anew; as it was it is kept as {name}.damaged.", repaired, StringComparison.Ordinal);
        Assert.EndsWith("good.\n", repaired, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(cache, $"{name}.damaged.*"))));
        string check = await CommandResult.GoodAsync("check", "--cache", cache);
        Assert.DoesNotContain("DAMAGE", check, StringComparison.Ordinal);
        Assert.Contains("are waiting to be fetched again", check, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_the_place_of_the_cache_fails_at_once()
    {
        using var directory = new TempDirectory();
        await File.WriteAllTextAsync(directory.PathOf("file"), "x");
        CommandResult result = await CommandResult.RunAsync(["import", "--cache", directory.PathOf("file")], Encoding.UTF8.GetBytes("bad\n"));
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Out);
        Assert.Contains(directory.PathOf("file"), result.Error, StringComparison.Ordinal);
    }
}
