using System.Diagnostics;
using System.Text;
using RemoteTasks.Cli.Tests.Support;

namespace RemoteTasks.Cli.Tests;

/// <summary>
/// Invariants checked, at a terminal that 'script' makes: a secret that is typed is never shown, wherever messages go; Ctrl-C ends a question at once,
/// and leaves a terminal that shows what is typed.
/// </summary>
public sealed class TerminalTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private RemoteSetting _setting = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "NOT TESTED: there is no 'script' to make a terminal. Install util-linux (bsdutils).");
        _setting = await RemoteSetting.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_setting is not null)
            await _setting.DisposeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 2>messages")]
    [InlineData(" >results 2>messages")]
    public async Task A_secret_is_not_shown_wherever_messages_go(string redirection)
    {
        using Process terminal = Start($"{Add()}{redirection}; echo ended $?");
        string shown = await ShownAsync(terminal, "Secret of the token");
        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        foreach (char c in _setting.Cluster.Token + "\r")
        {
            await terminal.StandardInput.WriteAsync(c);
            await terminal.StandardInput.FlushAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(3), TimeProvider.System);
        }

        shown += await ShownAsync(terminal, "ended ");
        shown += await terminal.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains("ended 0", shown, StringComparison.Ordinal);
        Assert.Contains(_setting.Cluster.Token, _setting.Text(), StringComparison.Ordinal);
        foreach (string text in (string[])[shown, Messages("messages"), Messages("results")])
            Assert.False(text.Contains(_setting.Cluster.Token[..8], StringComparison.Ordinal) || text.Contains(_setting.Cluster.Token[^8..], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Secret of the token", true)]
    [InlineData("Trust it from now on?", false)]
    public async Task A_question_is_cancelled_at_once_and_leaves_the_terminal_as_it_was(string question, bool isPinned)
    {
        using Process terminal = Start($"trap : INT; {Add(isPinned)}; echo ended $?; stty -a");
        string shown = await ShownAsync(terminal, question);
        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        long began = TimeProvider.System.GetTimestamp();
        await terminal.StandardInput.WriteAsync('\u0003');
        await terminal.StandardInput.FlushAsync();
        shown += await ShownAsync(terminal, "ended ");
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(10));
        shown += await terminal.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains("Stopped.", shown, StringComparison.Ordinal);
        Assert.Contains(" echo ", shown, StringComparison.Ordinal);
        Assert.Contains(" icanon ", shown, StringComparison.Ordinal);
        Assert.False(File.Exists(_setting.File));
    }

    private string Add(bool isPinned = true) =>
        $"'{Path.Combine(AppContext.BaseDirectory, "remote-tasks")}' remote add site-a --remotes '{_setting.File}' --type pve --authid '{_setting.Cluster.AuthId}' "
        + $"--host {_setting.Cluster.Endpoints[0]}{(isPinned ? $" --fingerprint {_setting.Cluster.Fingerprint}" : "")}";

    private Process Start(string command) => Process.Start(new ProcessStartInfo("/usr/bin/script", ["-qefc", command, "/dev/null"])
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        WorkingDirectory = Path.GetDirectoryName(_setting.File)!,
        Environment = { ["SHELL"] = "/bin/sh", ["TERM"] = "xterm" },
    })!;

    /// <summary>What the terminal shows, until some text has come or nothing more comes.</summary>
    private static async Task<string> ShownAsync(Process terminal, string mark)
    {
        var shown = new StringBuilder();
        char[] buffer = new char[256];
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            while (!shown.ToString().Contains(mark, StringComparison.Ordinal))
            {
                int count = await terminal.StandardOutput.ReadAsync(buffer, limit.Token);
                if (count == 0)
                    break;
                shown.Append(buffer, 0, count);
            }
        }
        catch (OperationCanceledException)
        {
            terminal.Kill(entireProcessTree: true);
            Assert.Fail($"'{mark}' did not come:\n{shown}");
        }

        return shown.ToString();
    }

    private string Messages(string name) => File.Exists(_setting.PathOf(name)) ? File.ReadAllText(_setting.PathOf(name)) : "";
}
