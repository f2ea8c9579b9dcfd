using System.Text;

namespace RemoteTasks.Server.Ui.Overview;

/// <summary>What status texts of one reason have in common: numbers and ids in them are left open.</summary>
internal static class ReasonPattern
{
    internal const string Number = "N";
    internal const string Id = "ID";

    private const int IdLengthMin = 8;
    private const string UpidMark = "UPID:";

    /// <summary>The text with numbers as <c>N</c>, and with long hexadecimal ids (also those with dashes) as <c>ID</c>.</summary>
    internal static string Of(string text) => Scan(text, keep: null);

    /// <summary>The longest part that all texts of the pattern have, to look for; null when there is none worth looking for.</summary>
    internal static string? CommonPart(string text)
    {
        var parts = new List<string>();
        Scan(text, parts.Add);

        // A text with this mark would be looked for in UPIDs.
        string longest = parts.SelectMany(part => part.Split(UpidMark)).Select(part => part.Trim()).MaxBy(part => part.Length) ?? "";
        return longest.Length >= 3 ? longest : null;
    }

    private static string Scan(string text, Action<string>? keep)
    {
        var pattern = new StringBuilder(text.Length);
        int kept = 0;
        for (int i = 0; i < text.Length;)
        {
            int length = IdLength(text, i);
            string? mark = length > 0 ? Id : null;
            if (length == 0)
            {
                while (i + length < text.Length && char.IsAsciiDigit(text[i + length]))
                    length++;
                mark = length > 0 ? Number : null;
            }

            if (mark is null)
            {
                pattern.Append(text[i++]);
                continue;
            }

            keep?.Invoke(text[kept..i]);
            pattern.Append(mark);
            i += length;
            kept = i;
        }

        keep?.Invoke(text[kept..]);
        return pattern.ToString();
    }

    /// <summary>How long an id is that begins here; 0: none does.</summary>
    private static int IdLength(string text, int at)
    {
        if (at > 0 && char.IsAsciiLetterOrDigit(text[at - 1]))
            return 0;
        int end = at;
        (int digits, int letters) = (0, 0);
        for (; end < text.Length && (char.IsAsciiHexDigit(text[end]) || (text[end] == '-' && end > at)); end++)
        {
            digits += char.IsAsciiDigit(text[end]) ? 1 : 0;
            letters += char.IsAsciiLetter(text[end]) ? 1 : 0;
        }

        while (end > at && text[end - 1] == '-')
            end--;
        bool isWhole = end == text.Length || !char.IsAsciiLetterOrDigit(text[end]);
        return isWhole && digits > 0 && letters > 0 && digits + letters >= IdLengthMin ? end - at : 0;
    }
}
