using System.CommandLine;
using RemoteTasks.Cache;
using RemoteTasks.Cli.Commands;
using RemoteTasks.Cli.Output;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Cli;

/// <summary>The command line: one file a command in <c>Commands/</c>.</summary>
internal static class CommandLine
{
    internal static async Task<int> RunAsync(string[] args, Terminal terminal)
    {
        // Users are called name@realm: an argument that begins with @ is not the name of a file with more arguments.
        ParseResult parsed = Root(terminal).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (args.Length == 0)
        {
            await Root(terminal).Parse(["--help"]).InvokeAsync(new InvocationConfiguration { Output = terminal.Error, Error = terminal.Error });
            return ExitCode.Usage;
        }

        if (parsed.Errors.Count > 0)
        {
            foreach (string problem in parsed.Errors.Select(UsageErrors.Explain).Distinct(StringComparer.Ordinal))
                await terminal.Error.WriteLineAsync(SafeText.Clean(problem));
            string command = parsed.CommandResult.Command is RootCommand ? "" : $" {parsed.CommandResult.Command.Name}";
            await terminal.Error.WriteLineAsync($"See: remote-tasks{command} --help");
            return ExitCode.Usage;
        }

        var configuration = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = TimeSpan.FromSeconds(15),
        };
        try
        {
            return await parsed.InvokeAsync(configuration);
        }
        catch (OperationCanceledException)
        {
            await terminal.Error.WriteLineAsync("Stopped.");
            return ExitCode.Failed;
        }
        catch (Exception error) when (error is UsageException or RemotesFileException)
        {
            await terminal.Error.WriteLineAsync(SafeText.Clean(error.Message));
            return ExitCode.Usage;
        }
        catch (Exception error) when (error is CacheException or IOException or UnauthorizedAccessException or HttpRequestException)
        {
            await terminal.Error.WriteLineAsync(SafeText.Clean(error.Message));
            return ExitCode.Failed;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A fault of this program. Its trace says where; the exit code is still one that scripts know.
            await terminal.Error.WriteLineAsync($"This is a fault of remote-tasks, please report it:\n{error}");
            return ExitCode.Failed;
        }
    }

    private static RootCommand Root(Terminal terminal) => new("Every task of every Proxmox host, in one list.")
    {
        DemoCommand.Create(terminal),
        ServeCommand.Create(terminal),
        RemoteCommand.Create(terminal),
        UserCommand.Create(terminal),
        TokenCommand.Create(terminal),
        ListCommand.Create(terminal),
        StatsCommand.Create(terminal),
        FreshnessCommand.Create(terminal),
        RefreshCommand.Create(terminal),
        LogCommand.Create(terminal),
        StatusCommand.Create(terminal),
        StopCommand.Create(terminal),
        TrackCommand.Create(terminal),
        ImportCommand.Create(terminal),
        ApplyCommand.Create(terminal),
        RotateCommand.Create(terminal),
        CheckCommand.Create(terminal),
    };
}
