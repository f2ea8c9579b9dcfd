using System.Text;
using RemoteTasks.Server.Security;

namespace RemoteTasks.Cli.Commands;

/// <summary>A password that somebody chooses: never from an argument, which everybody on the machine is shown.</summary>
internal static class NewPassword
{
    private const int BytesMax = 4096;

    internal static async Task<PasswordHash> AskAsync(Terminal terminal, CancellationToken ct)
    {
        string password = terminal.AskSecret is { } ask
            ? await ask($"Password, at least {PasswordHash.LengthMin} characters (not shown):", ct)
            : await ReadAsync(terminal.OpenIn(), ct);
        PasswordHash hash = Hash(password);
        if (terminal.AskSecret is { } again && await again("The same again:", ct) != password)
            throw new UsageException("These were two different passwords. Nothing was changed.");
        return hash;
    }

    private static PasswordHash Hash(string password)
    {
        try
        {
            return PasswordHash.Of(password);
        }
        catch (ArgumentException error)
        {
            throw new UsageException($"{UsageErrors.Explain(error)} Nothing was changed.");
        }
    }

    /// <summary>The first line, with all blanks that belong to it.</summary>
    private static async Task<string> ReadAsync(Stream source, CancellationToken ct)
    {
        await using (source)
        {
            byte[] bytes = new byte[BytesMax];
            int count = await source.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
            return Encoding.UTF8.GetString(bytes, 0, count).Split('\n', 2)[0].TrimEnd('\r');
        }
    }
}
