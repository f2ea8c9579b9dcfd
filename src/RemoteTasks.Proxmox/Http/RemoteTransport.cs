namespace RemoteTasks.Proxmox.Http;

/// <summary>
/// Sends requests to a remote that has several endpoints: stays with the one that answered last, and asks the others, each once, when it cannot be
/// reached. An answer, good or bad, is final: every endpoint of a cluster would give the same.
/// </summary>
internal sealed class RemoteTransport : IDisposable
{
    private readonly RemoteDefinition _remote;
    private readonly EndpointLink[] _links;
    private readonly SemaphoreSlim _slots;
    private volatile int _lastGood;

    internal RemoteTransport(RemoteDefinition remote, ProxmoxClientOptions options)
    {
        _remote = remote;
        _links = [.. remote.Endpoints.Select(endpoint => new EndpointLink(remote, endpoint, options))];
        _slots = new SemaphoreSlim(options.ConnectionsPerRemote);
    }

    internal async Task<HttpAnswer> SendAsync(ApiRequest request, CancellationToken cancel)
    {
        await _slots.WaitAsync(cancel);
        try
        {
            return await TryEachAsync(request, cancel);
        }
        finally
        {
            _slots.Release();
        }
    }

    internal void TryAgain()
    {
        foreach (EndpointLink link in _links)
            link.TryAgain();
    }

    public void Dispose()
    {
        // The semaphore is not disposed of: requests under way still release it, and it holds nothing but memory.
        foreach (EndpointLink link in _links)
            link.Dispose();
    }

    private async Task<HttpAnswer> TryEachAsync(ApiRequest request, CancellationToken cancel)
    {
        // One that is left alone is asked last: it says at once that it is.
        int first = _links[_lastGood].IsLeftAlone ? Math.Max(0, Array.FindIndex(_links, link => !link.IsLeftAlone)) : _lastGood;
        var failures = new List<ProxmoxException>();
        for (int i = 0; i < _links.Length; i++)
        {
            int index = (first + i) % _links.Length;
            try
            {
                HttpAnswer answer = await _links[index].SendAsync(request, cancel);
                _lastGood = index;
                return answer;
            }
            catch (ProxmoxException e) when (MayTryNext(e.Stage, request.Method))
            {
                failures.Add(e);
            }
            catch (ProxmoxException e) when (e.Stage == RequestStage.Answered)
            {
                _lastGood = index;
                throw;
            }
        }
        throw failures.Count == 1 ? failures[0] : AllFailed(failures);
    }

    private static bool MayTryNext(RequestStage stage, HttpMethod method) =>
        stage == RequestStage.Connecting || (stage == RequestStage.Exchanging && method == HttpMethod.Get);

    private ProxmoxException AllFailed(List<ProxmoxException> failures)
    {
        ProxmoxErrorKind[] kinds = [.. failures.Select(failure => failure.Kind).Distinct()];
        // Of several kinds a certificate is the one that a person must look at.
        ProxmoxErrorKind kind = kinds.Length == 1 ? kinds[0]
            : kinds.Contains(ProxmoxErrorKind.Certificate) ? ProxmoxErrorKind.Certificate
            : ProxmoxErrorKind.Unreachable;
        string what = $"none of its {failures.Count} endpoints could be used: {string.Join("; ", failures.Select(failure => failure.What))}";
        string remedy = string.Join(" ", failures.Select(failure => failure.Remedy).Distinct(StringComparer.Ordinal));
        return new ProxmoxException(kind, _remote.Id, what, remedy, cause: failures[0]) { Stage = RequestStage.Connecting };
    }
}
