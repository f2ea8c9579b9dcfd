using System.Diagnostics;
using System.Text;
using RemoteTasks.Cli.Tests.Support;

namespace RemoteTasks.Cli.Tests;

/// <summary>
/// Invariants checked: whoever changes the remotes file at the same time loses nothing; it, and the cache, stay with the user who has them; a link
/// stays a link.
/// </summary>
public sealed class RemoteFileTests : IAsyncLifetime
{
    private const string Other = "65534:65534";

    private RemoteSetting _setting = null!;

    public async ValueTask InitializeAsync() => _setting = await RemoteSetting.StartAsync();

    public ValueTask DisposeAsync() => _setting.DisposeAsync();

    [Fact]
    public async Task What_others_change_while_a_person_is_asked_is_kept()
    {
        await _setting.AddAsync("site-a");
        string[] args =
        [
            "remote", "add", "site-b", "--remotes", _setting.File, "--type", "pve", "--host", _setting.Cluster.Endpoints[0], "--authid", _setting.Cluster.AuthId,
        ];
        CommandResult added = await CommandResult.RunAsync(
            args, Encoding.ASCII.GetBytes(_setting.Cluster.Token), says: true, meanwhile: () => _setting.AddAsync("meanwhile"));
        Assert.True(added.ExitCode == 0, added.Error);
        Assert.Equal(["site-a", "meanwhile", "site-b"], await IdsAsync());

        args[2] = "site-c";
        CommandResult late = await CommandResult.RunAsync(
            args, Encoding.ASCII.GetBytes(_setting.Cluster.Token), says: true, meanwhile: () => _setting.AddAsync("site-c"));
        Assert.Equal(2, late.ExitCode);
        Assert.Contains("there is a remote 'site-c' already", late.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_are_added_at_once_are_there()
    {
        string[] ids = [.. Enumerable.Range(0, 8).Select(i => $"site-{i}")];
        await Task.WhenAll(ids.Select(id => Task.Run(() => _setting.AddAsync(id), TestContext.Current.CancellationToken)));
        Assert.Equal(ids, (await IdsAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_file_stays_with_its_owner_when_root_changes_it()
    {
        SkipUnlessRoot();
        await _setting.AddAsync("site-a");
        Run("chown", Other, _setting.File);
        await _setting.AddAsync("site-b");
        Assert.Equal($"{Other} 600", Run("stat", "-c", "%u:%g %a", _setting.File));
    }

    [Fact]
    public async Task A_new_file_belongs_to_whom_its_directory_belongs()
    {
        SkipUnlessRoot();
        Run("chown", Other, Path.GetDirectoryName(_setting.File)!);
        await _setting.AddAsync("site-a");
        Assert.Equal($"{Other} 600", Run("stat", "-c", "%u:%g %a", _setting.File));
    }

    [Fact]
    public async Task Root_does_not_write_into_the_cache_of_another_user()
    {
        SkipUnlessRoot();
        await _setting.AddAsync("site-a");
        _setting.Store("site-a");
        Run("chown", "-R", Other, _setting.Data);
        string before = _setting.Text();
        foreach (string[] command in (string[][])[["rename", "site-a", "site-b"], ["remove", "site-a", "--purge-tasks"], ["remove", "site-a", "--keep-tasks"]])
        {
            CommandResult refused = await _setting.RunAsync(command[0], command[1..]);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("sudo -u nobody remote-tasks remote", refused.Error, StringComparison.Ordinal);
        }

        Assert.Equal(before, _setting.Text());
        Assert.Equal("", Run("find", _setting.Data, "-uid", "0"));
        Assert.Equal(["site-a"], _setting.Stored());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_link_stays_a_link_whether_or_not_it_leads_to_a_file(bool isThere)
    {
        string target = _setting.PathOf("elsewhere.json");
        if (isThere)
        {
            await File.WriteAllTextAsync(target, "{\"remotes\":[]}", TestContext.Current.CancellationToken);
            File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        File.CreateSymbolicLink(_setting.File, "elsewhere.json");
        await _setting.AddAsync("site-a");
        Assert.Equal("elsewhere.json", new FileInfo(_setting.File).LinkTarget);
        Assert.Contains("site-a", await File.ReadAllTextAsync(target, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static void SkipUnlessRoot() =>
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "NOT TESTED: only root can give a file to another user. Run it as root.");

    private static string Run(string program, params string[] args)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardOutput = true, UseShellExecute = false })!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return said.TrimEnd();
    }

    private async Task<string[]> IdsAsync()
    {
        string list = await CommandResult.GoodAsync("remote", "list", "--remotes", _setting.File);
        return [.. list.Split('\n').Skip(1).Select(line => line.Split(' ')[0]).Where(id => id.Length > 0)];
    }
}
