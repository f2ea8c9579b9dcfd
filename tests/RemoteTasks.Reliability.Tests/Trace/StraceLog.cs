using System.Globalization;
using System.Text;

namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>Reads what <c>strace -f -qq -xx -o</c> writes: one call a line, or two lines when another thread's came between.</summary>
internal static class StraceLog
{
    private const string Unfinished = " <unfinished ...>";
    private const string Detached = "<detached ...>";
    private const string Resumed = "<... ";
    private const string ResumedEnd = " resumed>";

    /// <summary>The calls in the order in which they returned. Calls that never did, because the process ended, are left out.</summary>
    internal static IReadOnlyList<SystemCall> Parse(IEnumerable<string> lines)
    {
        var calls = new List<SystemCall>();
        var open = new Dictionary<string, (string Text, int Line)>(StringComparer.Ordinal);
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            string thread = line[..space];
            string text = line[space..].TrimStart();
            int begun = number;

            // Threads that ended, signals, and calls of a process that was killed: those never return.
            if (text.StartsWith("+++", StringComparison.Ordinal) || text.StartsWith("---", StringComparison.Ordinal) || text.EndsWith(Detached, StringComparison.Ordinal))
                continue;
            if (text.EndsWith(Unfinished, StringComparison.Ordinal))
            {
                open[thread] = (text[..^Unfinished.Length], number);
                continue;
            }

            if (text.StartsWith(Resumed, StringComparison.Ordinal))
            {
                open.Remove(thread, out (string Text, int Line) first);
                int end = text.IndexOf(ResumedEnd, StringComparison.Ordinal) + ResumedEnd.Length;
                (text, begun) = (first.Text + text[end..], first.Line);
            }

            if (Call(thread, text, begun, number) is { } call)
                calls.Add(call);
        }

        return calls;
    }

    private static SystemCall? Call(string thread, string text, int begun, int ended)
    {
        int name = text.IndexOf('(', StringComparison.Ordinal);
        int equals = text.LastIndexOf(" = ", StringComparison.Ordinal);
        if (name < 0 || equals < 0)
            throw new FormatException($"Not a line of strace: {text}");
        string result = text[(equals + 3)..].Split(' ')[0];
        if (result == "?")
            return null;
        string arguments = text[(name + 1)..equals].TrimEnd();
        if (arguments.Contains("\"...", StringComparison.Ordinal))
            throw new FormatException($"strace cut the bytes of a call short: {text[..80]}");
        long value = result.StartsWith("0x", StringComparison.Ordinal) ? Convert.ToInt64(result, 16) : long.Parse(result, CultureInfo.InvariantCulture);
        return new SystemCall(thread, text[..name], Split(arguments[..^1]), value, begun, ended);
    }

    /// <summary>Splits at commas outside of brackets; strings are hexadecimal and hold none.</summary>
    private static List<string> Split(string arguments)
    {
        var parts = new List<string>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is '[' or '{' or '(')
                depth++;
            else if (arguments[i] is ']' or '}' or ')')
                depth--;
            if (arguments[i] != ',' || depth > 0)
                continue;
            parts.Add(arguments[start..i]);
            start = i + 2;
        }

        parts.Add(arguments[Math.Min(start, arguments.Length)..]);
        return parts;
    }
}

/// <summary>A system call that returned.</summary>
/// <param name="Thread">Whose it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">Its arguments as strace shows them.</param>
/// <param name="Result">What it returned; -1: it failed.</param>
/// <param name="Begun">The line at which it began.</param>
/// <param name="Ended">The line at which it returned.</param>
internal sealed record SystemCall(string Thread, string Name, IReadOnlyList<string> Arguments, long Result, int Begun, int Ended)
{
    internal int Descriptor(int argument = 0) => int.TryParse(Arguments[argument], CultureInfo.InvariantCulture, out int value) ? value : -1;

    internal long Number(int argument) => long.Parse(Arguments[argument], CultureInfo.InvariantCulture);

    internal string Text(int argument) => Encoding.UTF8.GetString(Bytes(argument));

    /// <summary>The bytes of a string, or of all the strings of a vector.</summary>
    internal byte[] Bytes(int argument)
    {
        using var bytes = new MemoryStream();
        string text = Arguments[argument];
        for (int start = text.IndexOf('"', StringComparison.Ordinal); start >= 0;)
        {
            int end = text.IndexOf('"', start + 1);
            bytes.Write(Convert.FromHexString(text[(start + 1)..end].Replace("\\x", "", StringComparison.Ordinal)));
            start = end + 1 < text.Length ? text.IndexOf('"', end + 1) : -1;
        }

        return bytes.ToArray();
    }
}
