using RemoteTasks.Server.Api;

namespace RemoteTasks.Cli.Output;

/// <summary>What a list cannot speak for, in words.</summary>
internal static class UnknownText
{
    /// <summary>Says it beside the results, not among them: no list is quietly incomplete.</summary>
    internal static async Task WriteAsync(Terminal terminal, IReadOnlyList<UnknownPart> unknown)
    {
        foreach (UnknownPart part in unknown)
            await terminal.Error.WriteLineAsync($"Lacking: {SafeText.Clean(Of(part))}");
    }

    internal static string Of(UnknownPart part)
    {
        string who = part.Remote is null ? "all remotes" : $"{part.Remote} {part.Node}";
        string from = TablePrinter.Time(part.From);
        string to = part.To is { } end ? TablePrinter.Time(end) : "now";
        return part.Reason switch
        {
            "not-reached" => $"{who} has not been reached since {from}",
            UnknownPart.Hidden => $"{who} shows the token only its own tasks: others that began after {(part.From == 0 ? "the beginning" : from)} are lacking",
            "forgotten" => $"{who} had forgotten tasks that began from {from} to {to} before they were fetched",
            _ => $"{who}: a file is damaged where tasks began from {from} to {to}; they are fetched again where the nodes still have them",
        };
    }
}
