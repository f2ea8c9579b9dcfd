using System.Globalization;

namespace RemoteTasks.Cli.Tests.Support;

/// <summary>A filter twice: as arguments for the product, and as a plain predicate.</summary>
internal sealed record RandomFilter(IReadOnlyList<string> Arguments, Func<ModelTask, bool> Matches, int Start, int Limit);

/// <summary>Filters of one to four parts, from a seed, that often match something.</summary>
internal sealed class RandomFilters(int seed, ModelTask[] tasks)
{
    private readonly Random _random = new(seed);

    internal RandomFilter Next()
    {
        var arguments = new List<string>();
        var parts = new List<Func<ModelTask, bool>>();
        foreach (int kind in Enumerable.Range(0, 11).OrderBy(_ => _random.Next()).Take(_random.Next(1, 5)))
        {
            (string[] args, Func<ModelTask, bool> matches) = Part(kind, tasks[_random.Next(tasks.Length)]);
            arguments.AddRange(args);
            parts.Add(matches);
        }

        int start = _random.Next(3) == 0 ? _random.Next(3000) : 0;
        int limit = _random.Next(4) switch { 0 => 0, 1 => 1, _ => _random.Next(1, 500) };
        arguments.AddRange(["--start", Text(start), "--limit", Text(limit)]);
        return new RandomFilter(arguments, task => parts.All(part => part(task)), start, limit);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private (string[] Arguments, Func<ModelTask, bool> Matches) Part(int kind, ModelTask sample)
    {
        switch (kind)
        {
            case 0:
                return (["--remote", sample.Remote], task => task.Remote == sample.Remote);
            case 1:
                return (["--node", sample.Node], task => task.Node == sample.Node);
            case 2:
                string type = sample.Type[..Math.Min(sample.Type.Length, _random.Next(2, 8))];
                return (["--type", type], task => task.Type.Contains(type, StringComparison.Ordinal));
            case 3:
                string user = sample.User[_random.Next(sample.User.Length)..];
                return (["--user", user], task => task.User.Contains(user, StringComparison.Ordinal));
            case 4:
                string[] statuses = [sample.Class, .. _random.Next(2) == 0 ? (string[])["error"] : []];
                return (["--status", string.Join(',', statuses)], task => statuses.Contains(task.Class));
            case 5:
                return (["--errors"], task => task.Class != "ok");
            case 6:
                string guest = _random.Next(3) switch { 0 => "100", 1 => "101", _ => "6002" };
                return (["--guest", guest], task => IsGuest(task, guest));
            case 7:
                string shown = sample.ShownId ?? "";
                return (["--worker-id", shown], task => (task.ShownId ?? "") == shown);
            case 8:
                string text = _random.Next(4) switch { 0 => "ERROR", 1 => "gerät", 2 => sample.Node.ToUpperInvariant(), _ => "vm/1" };
                return (["--text", text], task => HasText(task, text));
            case 9:
                return (["--since", Text(sample.Start)], task => task.Start >= sample.Start);
            default:
                return (["--until", Text(sample.Start)], task => task.Start <= sample.Start);
        }
    }

    private static bool IsGuest(ModelTask task, string guest) => task.Kind == "pve"
        ? task.RawId == guest || task.RawId.StartsWith(guest + "@", StringComparison.Ordinal)
        : task.ShownId is { } id && (id.EndsWith("vm/" + guest, StringComparison.Ordinal) || id.EndsWith("ct/" + guest, StringComparison.Ordinal));

    /// <summary>ASCII letters only are alike in either case; none of the texts has another letter that differs by case.</summary>
    private static bool HasText(ModelTask task, string text) =>
        ((string?[])[task.Remote, task.Node, task.Type, task.ShownId, task.User, task.Status]).Any(field => field?.Contains(text, StringComparison.OrdinalIgnoreCase) == true);
}
