using System.Net;

namespace RemoteTasks.Server.Security;

/// <summary>How the daemon is reached by browsers.</summary>
public sealed record WebOptions
{
    /// <summary>What people type, when a proxy is in front: its host is answered to, its path is what all pages lie under. Null: there is none.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>More names to answer to, besides the address that is listened on and those of this machine itself.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Proxies that are believed when they say where a request came from. Nobody is by default.</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; init; } = [];

    /// <summary>What all pages lie under, without a slash at the end.</summary>
    internal PathString PathBase => new(PublicUrl?.AbsolutePath.TrimEnd('/'));
}
