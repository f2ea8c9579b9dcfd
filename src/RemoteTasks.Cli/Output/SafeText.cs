using RemoteTasks.Server.Observation;
using Spectre.Console;

namespace RemoteTasks.Cli.Output;

/// <summary>
/// Text from remotes, made harmless for a terminal: characters that move the cursor, colour, reorder or hide become <c>?</c>.
/// </summary>
internal static class SafeText
{
    internal static string Clean(string text) => CleanText.Of(text, '?');

    /// <summary>Filled up with blanks to so many columns of a terminal, on which some characters take two.</summary>
    internal static string Padded(string text, int columns) => text + new string(' ', Math.Max(0, columns - text.GetCellWidth()));

    /// <summary>No more of it than fits into so many columns of a terminal.</summary>
    internal static string Cropped(string text, int columns)
    {
        if (text.GetCellWidth() <= columns)
            return text;
        int length = text.Length;
        while (length > 0 && (text.AsSpan(0, length).ToString().GetCellWidth() >= columns || char.IsHighSurrogate(text[length - 1])))
            length--;
        return text[..length] + "…";
    }
}
