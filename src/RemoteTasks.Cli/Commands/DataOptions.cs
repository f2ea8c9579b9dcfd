using System.CommandLine;

namespace RemoteTasks.Cli.Commands;

/// <summary>Options that name what the daemon works with: the remotes file, and the directory of its own.</summary>
internal static class DataOptions
{
    internal static Option<string> Remotes() => new("--remotes") { Description = "JSON file with the remotes to poll.", HelpName = "FILE", Required = true };

    internal static Option<string> Data() =>
        new("--data") { Description = "Where the cache and the admin token are kept.", HelpName = "DIR", DefaultValueFactory = _ => DefaultData() };

    /// <summary>The token of a daemon that was started without naming its directory.</summary>
    internal static string DefaultTokenFile() => Path.Combine(DefaultData(), "admin-token");

    /// <summary>What systemd gives a service, else the user's own place for such things.</summary>
    private static string DefaultData()
    {
        if (Environment.GetEnvironmentVariable("STATE_DIRECTORY") is { Length: > 0 } given)
            return given;
        string? state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        return Path.Combine(
            string.IsNullOrEmpty(state) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state") : state, "remote-tasks");
    }
}
