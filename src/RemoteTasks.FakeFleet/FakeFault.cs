namespace RemoteTasks.FakeFleet;

/// <summary>What a fault is asked about: one request, before it is answered.</summary>
/// <param name="Method">Such as <c>GET</c>.</param>
/// <param name="Route">Such as <c>/nodes/{node}/tasks</c>.</param>
/// <param name="Node">The node that the path names; null when it names none.</param>
/// <param name="Query">The query as it was sent, with its question mark.</param>
public sealed record FakeRequest(string Method, string Route, string? Node, string Query);

/// <summary>What goes wrong with one answer. <see cref="FakeRemote.Fault"/> chooses it, request by request.</summary>
public sealed class FakeFault
{
    private FakeFault(FakeFaultKind kind, int status = 0, long bytes = 0, string? text = null) => (Kind, StatusCode, Bytes, Text) = (kind, status, bytes, text);

    /// <summary>The request is taken, and nothing ever comes back.</summary>
    public static FakeFault Hang { get; } = new(FakeFaultKind.Hang);

    /// <summary>The connection is cut before anything is answered.</summary>
    public static FakeFault Drop { get; } = new(FakeFaultKind.Drop);

    /// <summary>Half of the right answer comes, then the connection is cut.</summary>
    public static FakeFault CutBody { get; } = new(FakeFaultKind.CutBody);

    /// <summary>Well-formed JSON of which nothing has the type that it should have.</summary>
    public static FakeFault WrongTypes { get; } = new(FakeFaultKind.WrongTypes);

    /// <summary>The right answer with control characters, escape sequences and marks of direction in its texts.</summary>
    public static FakeFault ControlCharacters { get; } = new(FakeFaultKind.ControlCharacters);

    internal FakeFaultKind Kind { get; }

    internal int StatusCode { get; }

    internal long Bytes { get; }

    internal string? Text { get; }

    /// <summary>An error, worded as the product does: 401, 403, 500, 595 (no route to the node), 596 (its TLS failed) and the like.</summary>
    public static FakeFault Status(int status) => new(FakeFaultKind.Status, status);

    /// <summary>An error with a text of one's own.</summary>
    public static FakeFault Status(int status, string text) => new(FakeFaultKind.Status, status, text: text);

    /// <summary>So many bytes that are no JSON. <see cref="long.MaxValue"/>: an answer without an end.</summary>
    public static FakeFault Rubbish(long bytes) => new(FakeFaultKind.Rubbish, bytes: bytes);
}

internal enum FakeFaultKind
{
    Status,
    Hang,
    Drop,
    CutBody,
    WrongTypes,
    ControlCharacters,
    Rubbish,
}
