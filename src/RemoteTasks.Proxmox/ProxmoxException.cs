namespace RemoteTasks.Proxmox;

/// <summary>
/// A remote did not do what it was asked. The message names the remote, the endpoint, what happened and what to do; remote text in it is
/// shortened and free of control characters; it never has a secret.
/// </summary>
public sealed class ProxmoxException : Exception
{
    internal ProxmoxException(ProxmoxErrorKind kind, string remote, string what, string remedy, int? statusCode = null, Exception? cause = null)
        : base($"Remote '{remote}', {what}. {remedy}", cause)
    {
        Kind = kind;
        Remote = remote;
        What = what;
        Remedy = remedy;
        StatusCode = statusCode;
    }

    /// <summary>What went wrong, for code to decide by.</summary>
    public ProxmoxErrorKind Kind { get; }

    /// <summary>The HTTP status, when the remote answered at all. PVE has its own codes: 595 to 599.</summary>
    public int? StatusCode { get; }

    /// <summary>The id of the remote.</summary>
    public string Remote { get; }

    /// <summary>What to do about it, a sentence for a person.</summary>
    public string Remedy { get; }

    /// <summary>Endpoint and event, without remote and remedy: a part for the list of all endpoints that failed.</summary>
    internal string What { get; }

    /// <summary>The event alone.</summary>
    internal string? Cause { get; init; }

    /// <summary>How far the request got; decides whether another endpoint may be asked.</summary>
    internal RequestStage Stage { get; init; } = RequestStage.Answered;
}

/// <summary>How far a request got before it failed.</summary>
internal enum RequestStage
{
    /// <summary>It was surely not sent: any request may go to the next endpoint.</summary>
    Connecting,

    /// <summary>It may have been carried out: only a GET may go to the next endpoint.</summary>
    Exchanging,

    /// <summary>The remote has given its answer, good or bad: another endpoint would say the same.</summary>
    Answered,
}
