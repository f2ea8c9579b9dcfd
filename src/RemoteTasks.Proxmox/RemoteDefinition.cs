namespace RemoteTasks.Proxmox;

/// <summary>All that is needed to speak with one remote: a PVE cluster or a PBS host.</summary>
public sealed record RemoteDefinition
{
    /// <summary>The name of the remote in lists and files: 2 to 32 letters, digits, <c>_ . -</c>, the first a letter, digit or <c>_</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The product.</summary>
    public required RemoteType Type { get; init; }

    /// <summary>One address or more, tried in this order until one answers.</summary>
    public required IReadOnlyList<RemoteEndpoint> Endpoints { get; init; }

    /// <summary>The token's full name, <c>user@realm!tokenname</c>.</summary>
    public required string AuthId { get; init; }

    /// <summary>The token's secret.</summary>
    public required ApiToken Token { get; init; }

    /// <summary>Where a browser finds the product's own page, for links; null when unknown.</summary>
    public string? WebUrl { get; init; }

    /// <summary>Whether everything is the same, the secret included.</summary>
    public bool IsSameAs(RemoteDefinition other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Id == other.Id && Type == other.Type && AuthId == other.AuthId && WebUrl == other.WebUrl
            && Token.Reveal() == other.Token.Reveal() && Endpoints.SequenceEqual(other.Endpoints);
    }
}
