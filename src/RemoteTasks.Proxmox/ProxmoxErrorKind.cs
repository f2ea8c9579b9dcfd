namespace RemoteTasks.Proxmox;

/// <summary>What went wrong, by who has to act.</summary>
public enum ProxmoxErrorKind
{
    /// <summary>No endpoint could be connected, or the connection broke.</summary>
    Unreachable,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>The certificate is not the pinned one, not valid now, or not trusted.</summary>
    Certificate,

    /// <summary>The token is wrong, expired or deleted (401).</summary>
    Unauthorized,

    /// <summary>The token lacks a privilege (403).</summary>
    Forbidden,

    /// <summary>The remote answered, but the node asked for is offline or cannot be reached by its cluster (595 to 599).</summary>
    NodeUnreachable,

    /// <summary>There is no such task, or no such call.</summary>
    NotFound,

    /// <summary>The remote did not accept a parameter (400).</summary>
    BadParameter,

    /// <summary>The remote failed by itself (5xx).</summary>
    ServerError,

    /// <summary>What came is not an answer of this product.</summary>
    BadAnswer,

    /// <summary>The answer is larger than <see cref="ProxmoxClientOptions.AnswerBytesMax"/>.</summary>
    AnswerTooLarge,
}
