using System.CommandLine;
using RemoteTasks.Cli.Output;
using RemoteTasks.Server.Security;

namespace RemoteTasks.Cli.Commands;

/// <summary>What the commands on users and on tokens have in common.</summary>
internal static class AccessOptions
{
    internal static Argument<string> Name(string description) => new("name") { Description = description };

    internal static Option<string> Role(bool isRequired)
    {
        var role = new Option<string>("--role")
        {
            Description = "read: see everything. operate: also poll now, and stop tasks. admin: everything.",
            HelpName = "read|operate|admin",
            Required = isRequired,
        };
        role.AcceptOnlyFromAmong([.. Roles.All.Select(role => role.Word())]);
        if (!isRequired)
            role.DefaultValueFactory = _ => Server.Security.Role.Read.Word();
        return role;
    }

    /// <summary>The directory of a daemon, which has to be there: one that root makes here could not be used by the daemon's user.</summary>
    internal static string Directory(string data) => System.IO.Directory.Exists(data)
        ? Path.GetFullPath(data)
        : throw new UsageException($"There is no directory '{data}'. Give the daemon's own by --data; it is made when the daemon is started for the first time.");

    internal static void EnsureName(string name)
    {
        if (!AccessNames.IsValid(name))
            throw new UsageException($"'{name}' is not a valid name. Use {AccessNames.Form}.");
    }

    /// <summary>All but the one that is named.</summary>
    internal static IEnumerable<T> Without<T>(IReadOnlyList<T> all, string name)
        where T : IAccess
    {
        _ = Find(all, name);
        return all.Where(one => one.Name != name);
    }

    internal static T Find<T>(IReadOnlyList<T> all, string name)
        where T : IAccess =>
        all.FirstOrDefault(one => one.Name == name)
        ?? throw new UsageException($"There is no '{name}'. {(all.Count == 0 ? "There are none yet." : $"There are: {string.Join(", ", all.Select(one => one.Name))}.")}");

    internal static void EnsureNew<T>(IReadOnlyList<T> all, string name)
        where T : IAccess
    {
        if (all.Any(one => one.Name == name))
            throw new UsageException($"There is a '{name}' already. Choose another name, or remove that one first.");
    }

    internal static void Print(TextWriter output, string[][] rows)
    {
        int[] widths = [.. rows[0].Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => SafeText.Padded(cell, widths[column]))).TrimEnd());
    }
}
