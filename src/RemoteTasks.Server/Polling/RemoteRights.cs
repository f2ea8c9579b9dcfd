using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>What a remote's token may see, asked for now and then: an administrator may change it at any time, and the remote says nothing of it.</summary>
internal sealed class RemoteRights(ServerOptions options)
{
    private TokenRights? _known;
    private long? _askedAt;

    /// <summary>What is known; asks when that is old. Null: the remote does not tell.</summary>
    internal Task<TokenRights?> GetAsync(RemoteLink link, CancellationToken ct) =>
        _askedAt is { } at && options.Clock.GetElapsedTime(at) < options.Intervals.Rights && _known?.SeesAllTasks("-") != false
            ? Task.FromResult(_known)
            : AskAsync(link, ct);

    internal async Task<TokenRights?> AskAsync(RemoteLink link, CancellationToken ct)
    {
        _known = await link.Gate.RunAsync(() => link.Client.GetRightsAsync(ct), ct);
        _askedAt = options.Clock.GetTimestamp();
        return _known;
    }
}
