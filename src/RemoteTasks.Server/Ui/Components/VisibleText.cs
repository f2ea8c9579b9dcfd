using System.Globalization;
using System.Text;

namespace RemoteTasks.Server.Ui.Components;

/// <summary>Text from remotes for people: what would be invisible, break lines or turn the reading direction is shown as what it is.</summary>
internal static class VisibleText
{
    private const int ControlPictures = 0x2400;
    private const char PictureOfDelete = '\u2421';

    /// <summary>The text, not longer than so many characters; what was cut off is marked.</summary>
    internal static string Of(string? text, int lengthMax = int.MaxValue)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        bool isLong = text.Length > lengthMax;
        if (isLong)
            text = text[..(char.IsHighSurrogate(text[lengthMax - 1]) ? lengthMax - 1 : lengthMax)];
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !isLong)
            return text;
        var shown = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            Append(shown, rune);
        return isLong ? shown.Append('…').ToString() : shown.ToString();
    }

    private static void Append(StringBuilder shown, Rune rune)
    {
        switch (Rune.GetUnicodeCategory(rune))
        {
            case UnicodeCategory.Control when rune.Value < ' ':
                shown.Append((char)(ControlPictures + rune.Value));
                break;
            case UnicodeCategory.Control when rune.Value == 0x7f:
                shown.Append(PictureOfDelete);
                break;
            case UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned:
                shown.Append(CultureInfo.InvariantCulture, $"⟨U+{rune.Value:X4}⟩");
                break;
            default:
                shown.Append(rune);
                break;
        }
    }
}
