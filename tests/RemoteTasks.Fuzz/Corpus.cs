namespace RemoteTasks.Fuzz;

/// <summary>Inputs that tell something: made by hand, or found by fuzzing. One folder a target.</summary>
public static class Corpus
{
    /// <summary>The inputs of a target beside this program, in the order of their names.</summary>
    public static IReadOnlyList<byte[]> Of(FuzzTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return In(Path.Combine(AppContext.BaseDirectory, "Corpus", target.Name));
    }

    internal static IReadOnlyList<byte[]> In(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)]
        : [];
}
