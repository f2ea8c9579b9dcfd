using System.Globalization;

namespace RemoteTasks.Server.Observation;

/// <summary>
/// Text for a log: characters that begin another line, move a cursor, colour, reorder or hide become U+FFFD. Wherever it comes from: a log that one can write
/// lines into proves nothing.
/// </summary>
internal static class CleanText
{
    internal static string Of(string text) => text.Any(IsHarmful) ? string.Create(text.Length, text, static (clean, text) =>
    {
        for (int i = 0; i < clean.Length; i++)
            clean[i] = IsHarmful(text[i]) ? '\uFFFD' : text[i];
    }) : text;

    private static bool IsHarmful(char c) => CharUnicodeInfo.GetUnicodeCategory(c) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
