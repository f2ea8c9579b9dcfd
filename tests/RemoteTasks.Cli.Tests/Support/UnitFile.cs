namespace RemoteTasks.Cli.Tests.Support;

/// <summary>The systemd unit that is shipped.</summary>
internal static class UnitFile
{
    private const string Variables = "Environment=";

    internal static string Path
    {
        get
        {
            string? directory = AppContext.BaseDirectory;
            while (directory is not null && !File.Exists(System.IO.Path.Combine(directory, "RemoteTasks.slnx")))
                directory = System.IO.Path.GetDirectoryName(directory);
            Assert.NotNull(directory);
            return System.IO.Path.Combine(directory, "packaging", "remote-tasks.service");
        }
    }

    /// <summary>The variables that a daemon finds which this unit starts.</summary>
    internal static Dictionary<string, string> Environment => File.ReadLines(Path)
        .Where(line => line.StartsWith(Variables, StringComparison.Ordinal))
        .SelectMany(line => line[Variables.Length..].Split(' '))
        .Select(variable => variable.Split('=', 2))
        .ToDictionary(variable => variable[0], variable => variable[1], StringComparer.Ordinal);
}
