namespace RemoteTasks.Server.Polling;

/// <summary>Who is asked again for what damage took away. It is over when every node has answered, or when those that do not have been given time.</summary>
/// <param name="since">Start time of the first task that may be lost.</param>
/// <param name="until">Start time of the last one.</param>
/// <param name="began">When it began, as a timestamp of the clock.</param>
internal sealed class RepairRound(long since, long until, long began)
{
    private readonly HashSet<(string Remote, string Node)> _answered = [];

    internal long Since => since;

    internal long Until => until;

    internal long Began => began;

    /// <summary>Tasks that were new to the cache.</summary>
    internal int Fetched { get; private set; }

    internal bool HasAnswered(string remote, string node) => _answered.Contains((remote, node));

    /// <summary>Some nodes of a remote have answered, and what they told is stored.</summary>
    internal void Stored(string remote, IEnumerable<string> nodes, int fetched)
    {
        _answered.UnionWith(nodes.Select(node => (remote, node)));
        Fetched += fetched;
    }
}
