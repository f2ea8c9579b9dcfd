using System.Text;

namespace RemoteTasks.Proxmox;

/// <summary>Text that came from elsewhere, made fit for a message: on one line, without terminal escapes or bidi tricks, not too long.</summary>
internal static class RemoteText
{
    internal static string Clean(string text, int charactersMax = 300)
    {
        var clean = new StringBuilder(Math.Min(text.Length, charactersMax + 1));
        foreach (char c in text.AsSpan().Trim())
        {
            if (clean.Length == charactersMax)
            {
                if (char.IsHighSurrogate(clean[^1]))
                    clean.Length--;
                return clean.Append('…').ToString();
            }
            clean.Append(c is '\r' or '\n' or '\t' ? ' ' : IsUnsafe(c) ? '\uFFFD' : c);
        }
        return clean.ToString().TrimEnd();
    }

    /// <summary>What an exception of this project says to people, without the runtime's word on parameters.</summary>
    internal static string Of(Exception error) => error.Message.Split(" (Parameter", 2)[0];

    private static bool IsUnsafe(char c) =>
        char.IsControl(c) || c is '\u061C' or '\u200E' or '\u200F' or (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\uFEFF';
}
