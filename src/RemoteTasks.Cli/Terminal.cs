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
    internal Func<string, string>? AskSecret { get; init; }

    /// <summary>Asks a person yes or no, no by default; null when nobody sits there.</summary>
    internal Func<string, bool>? AskYes { get; init; }

    internal static Terminal OfProcess()
    {
        Stream output = Console.OpenStandardOutput();
        bool hasPerson = !Console.IsInputRedirected && !Console.IsErrorRedirected;
        return new Terminal(Console.OpenStandardInput, output, new StreamWriter(output) { AutoFlush = true }, Console.Error)
        {
            IsInteractive = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
                && Environment.GetEnvironmentVariable("TERM") is not "dumb",
            ShowsProgress = !Console.IsErrorRedirected,
            AskSecret = hasPerson ? question => Questions().Prompt(new TextPrompt<string>(Markup.Escape(question)).Secret(mask: null)) : null,
            AskYes = hasPerson ? question => Questions().Prompt(new ConfirmationPrompt(Markup.Escape(question)) { DefaultValue = false }) : null,
        };
    }

    /// <summary>Questions go where messages go: results may be on their way into a file.</summary>
    private static IAnsiConsole Questions() => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
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
