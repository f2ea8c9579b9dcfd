namespace RemoteTasks.FakeFleet;

/// <summary>What the token of a remote is allowed.</summary>
public enum FakeRights
{
    /// <summary>Sees the token's own tasks only: lists answer 200 with fewer rows, a single foreign task answers 403.</summary>
    None,

    /// <summary>Sees all tasks, may stop its own only.</summary>
    Audit,

    /// <summary>Sees and stops all tasks.</summary>
    Modify,
}

/// <summary>One simulated PVE cluster or PBS host and what a client needs to reach it.</summary>
public sealed class FakeRemote
{
    private long requestCount;
    private long rowCount;

    internal FakeRemote(string id, string type, IReadOnlyList<string> nodes, string token)
    {
        Id = id;
        Type = type;
        Nodes = nodes;
        AuthId = "mon@" + type + "!tasks";
        Token = token;
    }

    /// <summary>Id of the remote, such as <c>pve-01</c>.</summary>
    public string Id { get; }

    /// <summary><c>pve</c> or <c>pbs</c>.</summary>
    public string Type { get; }

    /// <summary><c>127.0.0.1:port</c>, one for each node; each answers for the whole remote.</summary>
    public IReadOnlyList<string> Endpoints { get; internal set; } = [];

    /// <summary>SHA-256 of the certificate, <c>AA:BB:…</c>.</summary>
    public string Fingerprint { get; internal set; } = "";

    /// <summary>User and token name, such as <c>mon@pve!tasks</c>.</summary>
    public string AuthId { get; }

    /// <summary>The secret of the token.</summary>
    public string Token { get; }

    /// <summary>Node names as the API takes them; <c>localhost</c> alone on PBS.</summary>
    public IReadOnlyList<string> Nodes { get; internal set; }

    /// <summary>What the token is allowed, now; everything by default.</summary>
    public FakeRights Rights { get; set; } = FakeRights.Modify;

    /// <summary>Slept, in real time, before every answer of this remote, on top of <see cref="FleetOptions.Delay"/>.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>What is wrong with the answer to a request; null, or an answer of null: nothing.</summary>
    public Func<FakeRequest, FakeFault?>? Fault { get; set; }

    /// <summary>Lists answer with all that matches, whatever <c>start</c> says, and also whatever <c>limit</c> says.</summary>
    public bool IgnoresPaging { get; set; }

    /// <summary>Lists answer with at most so many rows, whatever <c>limit</c> says.</summary>
    public int RowsMax { get; set; } = int.MaxValue;

    /// <summary>Requests answered by this remote.</summary>
    public long RequestCount => Interlocked.Read(ref requestCount);

    /// <summary>Rows of task lists sent by this remote.</summary>
    public long RowCount => Interlocked.Read(ref rowCount);

    internal void CountRows(int rows) => Interlocked.Add(ref rowCount, rows);

    internal void CountRequest() => Interlocked.Increment(ref requestCount);
}
