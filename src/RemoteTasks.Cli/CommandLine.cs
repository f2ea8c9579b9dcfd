using System.CommandLine;
using System.CommandLine.Parsing;
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
        if (parsed.Errors.Count > 0)
        {
            foreach (ParseError error in parsed.Errors)
                await terminal.Error.WriteLineAsync(SafeText.Clean(error.Message));
            await terminal.Error.WriteLineAsync($"See: remote-tasks {string.Join(' ', Path(parsed.CommandResult))} --help");
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
    }

    private static RootCommand Root(Terminal terminal) => new("Every task of every Proxmox host, in one list.")
    {
        DemoCommand.Create(terminal),
        ServeCommand.Create(terminal),
        ListCommand.Create(terminal),
        StatsCommand.Create(terminal),
        ImportCommand.Create(terminal),
        ApplyCommand.Create(terminal),
        RotateCommand.Create(terminal),
        CheckCommand.Create(terminal),
    };

    private static IEnumerable<string> Path(SymbolResult? result)
    {
        for (; result is CommandResult { Command: not RootCommand } command; result = result.Parent)
            yield return command.Command.Name;
    }
}
