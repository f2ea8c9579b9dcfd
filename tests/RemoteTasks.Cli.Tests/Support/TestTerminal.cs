using System.Text;

namespace RemoteTasks.Cli.Tests.Support;

/// <summary>Runs commands in this process and keeps what they print.</summary>
internal sealed record CommandResult(int ExitCode, string Out, string Error)
{
    /// <param name="args">The arguments.</param>
    /// <param name="input">Standard input.</param>
    /// <param name="says">What a person answers who sits there; null: nobody does.</param>
    /// <param name="meanwhile">What others do until the person has answered.</param>
    internal static async Task<CommandResult> RunAsync(string[] args, byte[]? input = null, bool? says = null, Func<Task>? meanwhile = null)
    {
        using var output = new MemoryStream();
        await using var writer = new StreamWriter(output, new UTF8Encoding(false)) { AutoFlush = true };
        using var error = new StringWriter();
        var terminal = new Terminal(() => new MemoryStream(input ?? []), output, writer, error) { AskYes = says is { } answer ? (_, _) => AnswerAsync(answer) : null };
        int code = await CommandLine.RunAsync(args, terminal);
        return new CommandResult(code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());

        async Task<bool> AnswerAsync(bool answer)
        {
            await (meanwhile?.Invoke() ?? Task.CompletedTask);
            return answer;
        }
    }

    internal static Task<CommandResult> RunAsync(params string[] args) => RunAsync(args, input: null);

    /// <summary>The same, for commands that must succeed.</summary>
    internal static async Task<string> GoodAsync(params string[] args)
    {
        CommandResult result = await RunAsync(args);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', args)}: {result.ExitCode}\n{result.Error}\n{result.Out}");
        return result.Out;
    }
}

/// <summary>A directory that is gone when the test is over.</summary>
internal sealed class TempDirectory : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("remote-tasks-cli-").FullName;

    internal string PathOf(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
