using System.CommandLine;
using RemoteTasks.Server.Security;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks user</c>: who signs in on the page by a password. A daemon that runs takes every change within seconds.</summary>
internal static class UserCommand
{
    internal static Command Create(Terminal terminal) => new("user", "Say who may sign in on the page, and what they may do there.")
    {
        Add(terminal),
        List(terminal),
        Password(terminal),
        SetRole(terminal),
        Remove(terminal),
    };

    private static Argument<string> Name() => AccessOptions.Name("What the user types to sign in.");

    private static Command Add(Terminal terminal)
    {
        Argument<string> name = Name();
        Option<string> role = AccessOptions.Role(isRequired: false);
        Option<string> data = DataOptions.Data();
        var command = new Command("add", "Add a user. The password is asked for, unseen, or read from standard input.") { name, role, data };
        command.SetAction(async (parsed, ct) =>
        {
            string added = parsed.GetRequiredValue(name);
            AccessOptions.EnsureName(added);
            AccessFile<User> file = File(parsed.GetRequiredValue(data));
            AccessOptions.EnsureNew(file.Load(), added);
            var user = new User(added, Roles.Of(parsed.GetRequiredValue(role)), await NewPassword.AskAsync(terminal, ct));
            file.Change(all =>
            {
                AccessOptions.EnsureNew(all, added);
                return [.. all, user];
            });
            terminal.Out.WriteLine($"'{added}' may sign in, with the role {user.Role.Word()}.");
            return ExitCode.Good;
        });
        return command;
    }

    private static Command List(Terminal terminal)
    {
        Option<string> data = DataOptions.Data();
        var command = new Command("list", "Show the users.") { data };
        command.SetAction(parsed =>
        {
            AccessOptions.Print(terminal.Out, [["USER", "ROLE"], .. File(parsed.GetRequiredValue(data)).Load().Select(user => (string[])[user.Name, user.Role.Word()])]);
            return ExitCode.Good;
        });
        return command;
    }

    private static Command Password(Terminal terminal)
    {
        Argument<string> name = Name();
        Option<string> data = DataOptions.Data();
        var command = new Command("password", "Give a user another password, which ends their sessions. It is asked for, unseen, or read from standard input.") { name, data };
        command.SetAction(async (parsed, ct) =>
        {
            string changed = parsed.GetRequiredValue(name);
            AccessFile<User> file = File(parsed.GetRequiredValue(data));
            _ = AccessOptions.Find(file.Load(), changed);
            PasswordHash password = await NewPassword.AskAsync(terminal, ct);
            Change(file, changed, user => user with { Password = password });
            terminal.Out.WriteLine($"'{changed}' has another password.");
            return ExitCode.Good;
        });
        return command;
    }

    private static Command SetRole(Terminal terminal)
    {
        Argument<string> name = Name();
        Option<string> role = AccessOptions.Role(isRequired: true);
        Option<string> data = DataOptions.Data();
        var command = new Command("role", "Give a user another role, which ends their sessions.") { name, role, data };
        command.SetAction(parsed =>
        {
            string changed = parsed.GetRequiredValue(name);
            Role given = Roles.Of(parsed.GetRequiredValue(role));
            Change(File(parsed.GetRequiredValue(data)), changed, user => user with { Role = given });
            terminal.Out.WriteLine($"'{changed}' has the role {given.Word()}.");
            return ExitCode.Good;
        });
        return command;
    }

    private static Command Remove(Terminal terminal)
    {
        Argument<string> name = Name();
        Option<string> data = DataOptions.Data();
        var command = new Command("remove", "Let a user sign in no more, which ends their sessions.") { name, data };
        command.SetAction(parsed =>
        {
            string gone = parsed.GetRequiredValue(name);
            File(parsed.GetRequiredValue(data)).Change(all => AccessOptions.Without(all, gone));
            terminal.Out.WriteLine($"'{gone}' may sign in no more.");
            return ExitCode.Good;
        });
        return command;
    }

    private static AccessFile<User> File(string data) => AccessFiles.Users(AccessOptions.Directory(data));

    private static void Change(AccessFile<User> file, string name, Func<User, User> change) => file.Change(all =>
    {
        _ = AccessOptions.Find(all, name);
        return all.Select(user => user.Name == name ? change(user) : user);
    });
}
