using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Server.Security;

/// <summary>What a list of who gets in is made of.</summary>
public interface IAccess
{
    /// <summary>Names it alone in its list.</summary>
    string Name { get; }

    /// <summary>What it opens.</summary>
    Role Role { get; }

    /// <summary>Whether its secret is kept as this program keeps it, and no weaker.</summary>
    internal bool IsSound { get; }
}

/// <summary>
/// A file in the data directory that says who gets in: <c>users.json</c> or <c>tokens.json</c>. It is its owner's alone and replaced as a whole, so that
/// the daemon may read it at any moment. One that is not there has nobody in it.
/// </summary>
public sealed class AccessFile<T>
    where T : class, IAccess
{
    private readonly string _list;

    internal AccessFile(string dataDirectory, string list)
    {
        _list = list;
        Path = System.IO.Path.Combine(dataDirectory, $"{list}.json");
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Reads it.</summary>
    /// <exception cref="IOException">It cannot be used, or others can read it; the message says what to do.</exception>
    public IReadOnlyList<T> Load()
    {
        if (SecretJson.Load<Dictionary<string, IReadOnlyList<T?>?>>(Path) is not { } content)
            return [];
        if (content.Count != 1 || !content.TryGetValue(_list, out IReadOnlyList<T?>? read) || read is null)
            throw Unusable($"it has to have the list \"{_list}\" and nothing else");
        IReadOnlyList<T> all = [.. read.OfType<T>()];
        if (all.Count < read.Count)
            throw Unusable("there is nothing where one of the list should be");
        if (all.FirstOrDefault(one => !AccessNames.IsValid(one.Name)) is not null)
            throw Unusable($"a name in it is not valid; use {AccessNames.Form}");
        if (all.GroupBy(one => one.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw Unusable($"it has '{twice.Key}' twice");
        return all.FirstOrDefault(one => !one.IsSound) is { } broken ? throw Unusable($"what it keeps of the secret of '{broken.Name}' is cut or too weak") : all;
    }

    /// <summary>Changes it, while nobody else does. A running daemon sees it within seconds.</summary>
    /// <exception cref="IOException">It cannot be used; it is as it was.</exception>
    public void Change(Func<IReadOnlyList<T>, IEnumerable<T>> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        using IDisposable alone = PrivateFile.Lock(Path);
        SecretJson.Save(Path, new Dictionary<string, T[]>(StringComparer.Ordinal) { [_list] = [.. change(Load())] });
    }

    private IOException Unusable(string problem) => new($"'{Path}' cannot be used: {problem}. Mend it, or remove it and make anew what was in it.");
}

/// <summary>The two files, by the data directory they are in.</summary>
public static class AccessFiles
{
    /// <summary>Who signs in by a password.</summary>
    public static AccessFile<User> Users(string dataDirectory) => new(dataDirectory, "users");

    /// <summary>What programs show.</summary>
    public static AccessFile<AccessToken> Tokens(string dataDirectory) => new(dataDirectory, "tokens");
}

/// <summary>What users and tokens may be called.</summary>
public static class AccessNames
{
    /// <summary>In words.</summary>
    public const string Form = "1 to 64 letters, digits and . _ @ -, beginning with a letter or digit";

    private const int LengthMax = 64;

    /// <summary>Whether something may be called so.</summary>
    public static bool IsValid(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= LengthMax && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '@' or '-');
    }
}
