using System.Globalization;
using System.Text;

namespace RemoteTasks.Cli.Output;

/// <summary>
/// Text from remotes, made harmless for a terminal: characters that move the cursor, colour, reorder or hide become <c>?</c>.
/// </summary>
internal static class SafeText
{
    internal static string Clean(string text)
    {
        if (!text.Any(IsHarmful))
            return text;
        var clean = new StringBuilder(text);
        for (int i = 0; i < clean.Length; i++)
        {
            if (IsHarmful(clean[i]))
                clean[i] = '?';
        }

        return clean.ToString();
    }

    private static bool IsHarmful(char c) => CharUnicodeInfo.GetUnicodeCategory(c) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
