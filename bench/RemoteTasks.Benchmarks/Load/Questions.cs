namespace RemoteTasks.Benchmarks.Load;

/// <summary>What the rounds ask for, as the path and query of a list.</summary>
internal sealed class Questions(LoadPlan plan, long end)
{
    private const string List = "/api2/json/remotes/tasks/list";
    private const int Remotes = 100;
    private const int Guests = 1000;
    private const int FirstGuest = 100;
    private const int NearRows = 2000;

    private static readonly string[] Texts = ["migration aborted", "vzdump", "auditor", "n7", "storage", "root@pam"];

    internal string Same => $"{List}?limit={plan.Limit}";

    /// <summary>
    /// One that nobody asked before: the bound behind the newest task is never the same. Pages at any depth, of one remote, of one guest,
    /// of what failed, of a type and a status, with a text.
    /// </summary>
    internal string Fresh(int seed, int index)
    {
        var random = new Random(HashCode.Combine(seed, index));
        string filter = (index % 6) switch
        {
            0 => $"start={random.NextInt64(plan.Tasks)}",
            1 => $"remote=pve-{random.Next(Remotes):D2}&start={random.Next(NearRows)}",
            2 => $"guest={FirstGuest + random.Next(Guests)}",
            3 => $"errors=1&start={random.Next(NearRows)}",
            4 => $"typefilter=qm&statusfilter=error&remote=pve-{random.Next(Remotes):D2}",
            _ => $"text={Uri.EscapeDataString(Texts[random.Next(Texts.Length)])}&start={random.Next(NearRows)}",
        };
        return $"{List}?limit={plan.Limit}&until={end + 1 + ((long)seed * int.MaxValue) + index}&{filter}";
    }
}
