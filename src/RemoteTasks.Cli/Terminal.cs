using Spectre.Console;

namespace RemoteTasks.Cli;

/// <summary>Where a command reads from and writes to: results to <see cref="Out"/>, everything about them to <see cref="Error"/>.</summary>
internal sealed record Terminal(Func<Stream> OpenIn, Stream OutBytes, TextWriter Out, TextWriter Error)
{
    /// <summary>Whether results go to a person: only then is there colour.</summary>
    internal bool IsInteractive { get; init; }

    /// <summary>Whether messages go to a person: only then is there progress.</summary>
    internal bool ShowsProgress { get; init; }

    /// <summary>Asks a person for a secret, unseen; null when nobody sits there, and the secret comes by <see cref="OpenIn"/>.</summary>
    internal Func<string, CancellationToken, Task<string>>? AskSecret { get; init; }

    /// <summary>Asks a person yes or no, no by default; null when nobody sits there.</summary>
    internal Func<string, CancellationToken, Task<bool>>? AskYes { get; init; }

    internal static Terminal OfProcess()
    {
        Stream output = Console.OpenStandardOutput();

        // Who types a secret must not see it, even where he does not see our messages either. What is asked with yes or no is about those.
        bool hasPerson = !Console.IsInputRedirected;
        return new Terminal(Console.OpenStandardInput, output, new StreamWriter(output) { AutoFlush = true }, Console.Error)
        {
            IsInteractive = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
                && Environment.GetEnvironmentVariable("TERM") is not "dumb",
            ShowsProgress = !Console.IsErrorRedirected,
            AskSecret = hasPerson ? (question, ct) => AskAsync(new TextPrompt<string>(Markup.Escape(question)).Secret(mask: null), ct) : null,
            AskYes = hasPerson && !Console.IsErrorRedirected
                ? (question, ct) => AskAsync(new ConfirmationPrompt(Markup.Escape(question)) { DefaultValue = false }, ct)
                : null,
        };
    }

    /// <summary>
    /// Questions go where messages go: results may be on their way into a file. Where messages are, too, questions go to the terminal itself.
    /// </summary>
    private static async Task<T> AskAsync<T>(IPrompt<T> prompt, CancellationToken ct)
    {
        await using TextWriter? own = Console.IsErrorRedirected ? OpenTerminal() : null;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(own ?? Console.Error),
            Interactive = InteractionSupport.Yes,
        });

        // Without the token Ctrl-C would only be heard when the question is answered.
        return await prompt.ShowAsync(console, ct);
    }

    /// <summary>Null where a process has none of its own.</summary>
    private static StreamWriter? OpenTerminal()
    {
        try
        {
            var terminal = new FileStream("/dev/tty", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            return new StreamWriter(terminal) { AutoFlush = true };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>How a command ends.</summary>
internal static class ExitCode
{
    internal const int Good = 0;

    /// <summary>It failed, or found damage.</summary>
    internal const int Failed = 1;

    /// <summary>It was asked for something that makes no sense.</summary>
    internal const int Usage = 2;
}

/// <summary>A command was given something it cannot use; the message says what would do.</summary>
internal sealed class UsageException(string message) : Exception(message);
