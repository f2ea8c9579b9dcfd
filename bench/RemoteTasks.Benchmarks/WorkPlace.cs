using System.CommandLine;

namespace RemoteTasks.Benchmarks;

/// <summary>Options that say where the data goes and whether it stays.</summary>
internal sealed class PlaceOptions
{
    internal Option<string?> Directory { get; } = new("--dir") { Description = "Where to put the data, instead of the temporary directory." };

    internal Option<bool> Keep { get; } = new("--keep") { Description = "Leave the data when done." };

    internal WorkPlace Make(ParseResult parsed) => new(parsed.GetValue(Directory), parsed.GetValue(Keep));
}

/// <summary>A directory of this run's own, removed with it.</summary>
internal sealed class WorkPlace : IDisposable
{
    private readonly bool _keep;

    internal WorkPlace(string? parent, bool keep)
    {
        _keep = keep;
        Directory = Path.Combine(parent ?? Path.GetTempPath(), $"remote-tasks-bench-{Guid.NewGuid():N}");
        System.IO.Directory.CreateDirectory(Directory);
    }

    internal string Directory { get; }

    public void Dispose()
    {
        if (_keep)
            Console.WriteLine($"The data is in {Directory}");
        else
            System.IO.Directory.Delete(Directory, recursive: true);
    }
}
