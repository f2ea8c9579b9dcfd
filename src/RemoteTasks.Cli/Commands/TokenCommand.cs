using System.CommandLine;
using System.Globalization;
using RemoteTasks.Cli.Output;
using RemoteTasks.Server.Security;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks token</c>: what programs show to the daemon. A daemon that runs takes every change within seconds.</summary>
internal static class TokenCommand
{
    internal static Command Create(Terminal terminal) => new("token", "Make tokens for programs that use the REST interface.")
    {
        Add(terminal),
        List(terminal),
        Remove(terminal),
    };

    private static Argument<string> Name() => AccessOptions.Name("What the token is for.");

    private static Command Add(Terminal terminal)
    {
        Argument<string> name = Name();
        Option<string> role = AccessOptions.Role(isRequired: true);
        var expires = new Option<string?>("--expires")
        {
            Description = "Until when it opens anything: a time from now such as 12h, 90d or 52w, or the end of a day such as 2027-06-30 (UTC). Default: for ever.",
            HelpName = "TIME",
        };
        Option<string> data = DataOptions.Data();
        var command = new Command("add", "Make a token and show it, once: it is kept as a hash.") { name, role, expires, data };
        command.SetAction(parsed =>
        {
            string added = parsed.GetRequiredValue(name);
            AccessOptions.EnsureName(added);
            DateTimeOffset? end = parsed.GetValue(expires) is { } text ? ParseExpiry(text, TimeProvider.System.GetUtcNow()) : null;
            (AccessToken kept, string token) = AccessToken.Create(added, Roles.Of(parsed.GetRequiredValue(role)), end);
            AccessFiles.Tokens(AccessOptions.Directory(parsed.GetRequiredValue(data))).Change(all =>
            {
                AccessOptions.EnsureNew(all, added);
                return [.. all, kept];
            });
            terminal.Error.WriteLine($"'{added}' has the role {kept.Role.Word()}, {Expiry(kept)}. The token is shown this once:");
            terminal.Out.WriteLine(token);
            return ExitCode.Good;
        });
        return command;
    }

    private static Command List(Terminal terminal)
    {
        Option<string> data = DataOptions.Data();
        var command = new Command("list", "Show the tokens, without what is secret of them.") { data };
        command.SetAction(parsed =>
        {
            IReadOnlyList<AccessToken> tokens = AccessFiles.Tokens(AccessOptions.Directory(parsed.GetRequiredValue(data))).Load();
            AccessOptions.Print(terminal.Out, [["TOKEN", "BEGINS WITH", "ROLE", "EXPIRES"], .. tokens.Select(token => (string[])
                [token.Name, $"rt_{token.Id}", token.Role.Word(), Expiry(token)])]);
            return ExitCode.Good;
        });
        return command;
    }

    private static Command Remove(Terminal terminal)
    {
        Argument<string> name = Name();
        Option<string> data = DataOptions.Data();
        var command = new Command("remove", "Have a token open nothing any more.") { name, data };
        command.SetAction(parsed =>
        {
            string gone = parsed.GetRequiredValue(name);
            AccessFiles.Tokens(AccessOptions.Directory(parsed.GetRequiredValue(data))).Change(all => AccessOptions.Without(all, gone));
            terminal.Out.WriteLine($"The token '{gone}' opens nothing any more.");
            return ExitCode.Good;
        });
        return command;
    }

    private static string Expiry(AccessToken token) => token.Expires is { } end
        ? $"{(end <= TimeProvider.System.GetUtcNow() ? "expired" : "until")} {TablePrinter.Time(end.ToUnixTimeSeconds())}"
        : "for ever";

    /// <summary>A day counts to its end.</summary>
    internal static DateTimeOffset ParseExpiry(string text, DateTimeOffset now)
    {
        if (text.Length > 1 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int amount)
            && amount is > 0 and <= 100_000 && HoursOf(text[^1]) is { } hours)
            return now.AddHours((double)amount * hours);
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", out DateOnly day))
        {
            var end = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddDays(1);
            return end > now ? end : throw new UsageException($"--expires: {text} is over already.");
        }

        throw new UsageException($"--expires: '{text}' is no time to come. Give a span such as 12h, 90d or 52w, or a day such as 2027-06-30.");
    }

    private static int? HoursOf(char unit) => unit switch
    {
        'h' => 1,
        'd' => 24,
        'w' => 7 * 24,
        _ => null,
    };
}
