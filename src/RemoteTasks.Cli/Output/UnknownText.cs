using RemoteTasks.Cli.Sources;

namespace RemoteTasks.Cli.Output;

/// <summary>What a list cannot speak for, in words.</summary>
internal static class UnknownText
{
    internal static string Of(UnknownPart part)
    {
        string who = part.Remote is null ? "all remotes" : $"{part.Remote} {part.Node}";
        string from = TablePrinter.Time(part.From);
        string to = part.To is { } end ? TablePrinter.Time(end) : "now";
        return part.Reason switch
        {
            "not-reached" => $"{who} has not been reached since {from}",
            "forgotten" => $"{who} had forgotten tasks that began from {from} to {to} before they were fetched",
            _ => $"{who}: a file is damaged where tasks began from {from} to {to}; they are fetched again where the nodes still have them",
        };
    }
}
