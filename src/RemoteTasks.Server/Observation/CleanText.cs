using System.Globalization;

namespace RemoteTasks.Server.Observation;

/// <summary>
/// Text for a log or a terminal: characters that begin another line, move a cursor, colour, reorder or hide are replaced. Wherever it comes from: a log that one
/// can write lines into proves nothing.
/// </summary>
public static class CleanText
{
    /// <summary>The text with <paramref name="instead"/> in place of each of them; the same object when there is none.</summary>
    public static string Of(string text, char instead = '\uFFFD') => !text.AsSpan().ContainsAnyExceptInRange(' ', '~') || !text.Any(IsHarmful) ? text
        : string.Create(text.Length, (Text: text, Instead: instead), static (clean, from) =>
        {
            for (int i = 0; i < clean.Length; i++)
                clean[i] = IsHarmful(from.Text[i]) ? from.Instead : from.Text[i];
        });

    private static bool IsHarmful(char c) => CharUnicodeInfo.GetUnicodeCategory(c) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
