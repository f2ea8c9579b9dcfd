using System.Text.Json;
using RemoteTasks.Proxmox.Answers;
using RemoteTasks.Proxmox.Http;
using RemoteTasks.Proxmox.Remotes;

namespace RemoteTasks.Proxmox;

/// <summary>
/// Asks one remote about its tasks, in the same words for PVE and PBS. Safe for many threads. Every call throws
/// <see cref="ProxmoxException"/> when the remote does not do what it was asked, <see cref="OperationCanceledException"/> when the caller cancels, and
/// <see cref="ArgumentException"/> when it is asked nonsense, before anything is sent.
/// </summary>
public sealed class ProxmoxClient : IDisposable
{
    // A document of a whole answer takes many times its size; these answers are small unless something is wrong.
    private const long DocumentBytesMax = 16L * 1024 * 1024;

    private readonly ProxmoxClientOptions _options;
    private readonly RemoteTransport _transport;

    /// <summary>Makes a client; nothing is connected yet.</summary>
    /// <param name="remote">Whom to ask, and with which token.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <exception cref="ArgumentException">The definition or a limit cannot be used.</exception>
    public ProxmoxClient(RemoteDefinition remote, ProxmoxClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(remote);
        RemoteRules.Check(remote);
        _options = options ?? new ProxmoxClientOptions();
        if (_options.Fault() is { } fault)
            throw new ArgumentException(fault, nameof(options));
        Remote = remote;
        _transport = new RemoteTransport(remote, _options);
    }

    /// <summary>The remote that is asked.</summary>
    public RemoteDefinition Remote { get; }

    /// <summary>The nodes of a PVE cluster; for PBS always the one node <c>localhost</c>, online, without asking.</summary>
    public async Task<IReadOnlyList<RemoteNode>> ListNodesAsync(CancellationToken ct)
    {
        if (Remote.Type == RemoteType.Pbs)
            return [new RemoteNode("localhost", Online: true)];
        HttpAnswer answer = await GetAsync("/api2/json/nodes", _options.AnswerBytesMax, ct);
        return Understand(answer, body => NodeListReader.Read(body.Span));
    }

    /// <summary>One page of the tasks of a node. An empty list may also mean that the token may not see any: see <see cref="GetRightsAsync"/>.</summary>
    /// <param name="node">Name of the node.</param>
    /// <param name="parameters">Which tasks.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="TaskListParameters.Limit"/> is below 1, or another number out of its range.</exception>
    public async Task<TaskListAnswer> ListTasksAsync(string node, TaskListParameters parameters, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        string path = TasksPath(node) + TaskListQuery.Build(parameters, Remote.Type);
        HttpAnswer answer = await GetAsync(path, _options.AnswerBytesMax, ct);
        return Understand(answer, body => TaskListReader.Read(body.Span, Remote.Type, parameters.Source, answer.RemoteTime));
    }

    /// <summary>The state of one task; <see cref="ProxmoxErrorKind.NotFound"/> when the node has forgotten it.</summary>
    public async Task<TaskStatusAnswer> GetTaskStatusAsync(string node, string upid, CancellationToken ct)
    {
        HttpAnswer answer = await GetAsync($"{TaskPath(node, upid)}/status", Math.Min(_options.AnswerBytesMax, DocumentBytesMax), ct);
        return Understand(answer, body =>
        {
            using JsonDocument document = Parse(body);
            return TaskStatusReader.Read(AnswerRows.Data(document), upid, Remote.Type);
        });
    }

    /// <summary>Lines of a task's log.</summary>
    /// <param name="node">Name of the node.</param>
    /// <param name="upid">Native UPID.</param>
    /// <param name="start">How many lines to leave out: 0 begins at line 1, 1 at line 2, on both products.</param>
    /// <param name="limit">At most so many lines; 0 for all that are left.</param>
    /// <param name="ct">Ends the call.</param>
    public async Task<TaskLogAnswer> GetTaskLogAsync(string node, string upid, long start, long limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        // PBS counts from 1 and takes 0 for 1; PVE counts from 0.
        long remoteStart = Remote.Type == RemoteType.Pbs ? checked(start + 1) : start;
        HttpAnswer answer = await GetAsync($"{TaskPath(node, upid)}/log?start={remoteStart}&limit={limit}", _options.AnswerBytesMax, ct);
        return Understand(answer, body => TaskLogReader.Read(body.Span, start));
    }

    /// <summary>
    /// Asks the node to stop a task; PVE waits up to 5 s for it. After a timeout it is not known whether it was stopped: ask for its status.
    /// Tasks of others need the privilege Sys.Modify.
    /// </summary>
    public async Task StopTaskAsync(string node, string upid, CancellationToken ct)
    {
        var request = new ApiRequest(HttpMethod.Delete, TaskPath(node, upid), Math.Min(_options.AnswerBytesMax, DocumentBytesMax));
        await _transport.SendAsync(request, ct);
    }

    /// <summary>Whether the token may see all tasks of the node; null when the remote does not tell. See <see cref="TokenRights"/>.</summary>
    public async Task<bool?> SeesAllTasksAsync(string node, CancellationToken ct)
    {
        CheckNode(node);
        return (await GetRightsAsync(ct))?.SeesAllTasks(node);
    }

    /// <summary>What the token may see; null when the remote does not tell.</summary>
    public async Task<TokenRights?> GetRightsAsync(CancellationToken ct)
    {
        try
        {
            HttpAnswer answer = await GetAsync("/api2/json/access/permissions", Math.Min(_options.AnswerBytesMax, DocumentBytesMax), ct);
            return Understand(answer, body =>
            {
                using JsonDocument document = Parse(body);
                return PermissionsReader.Read(AnswerRows.Data(document), Remote.Type);
            });
        }
        catch (ProxmoxException e) when (e.Kind is ProxmoxErrorKind.Forbidden or ProxmoxErrorKind.NotFound or ProxmoxErrorKind.BadParameter
            or ProxmoxErrorKind.BadAnswer or ProxmoxErrorKind.AnswerTooLarge || e.StatusCode == 501)
        {
            return null;
        }
    }

    /// <summary>
    /// The newest tasks of all nodes of a PVE cluster, from one call: whatever begins or ends on a node changes what is told of it. A token that does not
    /// see all (<see cref="TokenRights.SeesClusterTasks"/>) is told of nothing.
    /// </summary>
    public async Task<IReadOnlyList<ClusterTask>> ListClusterTasksAsync(CancellationToken ct)
    {
        if (Remote.Type != RemoteType.Pve)
            throw new InvalidOperationException("A Backup Server is no cluster.");
        HttpAnswer answer = await GetAsync("/api2/json/cluster/tasks", _options.AnswerBytesMax, ct);
        return Understand(answer, body => ClusterTasksReader.Read(body.Span));
    }

    /// <summary>Forgets which endpoints failed: the next call asks them again, at once.</summary>
    public void TryAgain() => _transport.TryAgain();

    /// <summary>Closes all connections; requests under way fail.</summary>
    public void Dispose() => _transport.Dispose();

    private static string TasksPath(string node)
    {
        CheckNode(node);
        return $"/api2/json/nodes/{node}/tasks";
    }

    private static string TaskPath(string node, string upid)
    {
        ArgumentNullException.ThrowIfNull(upid);
        if (NativeUpid.FaultOfAny(upid) is { } fault)
            throw new ArgumentException($"This is no UPID: {fault}.", nameof(upid));
        return $"{TasksPath(node)}/{Uri.EscapeDataString(upid)}";
    }

    // The name goes into a path: anything but a plain name could lead elsewhere.
    private static void CheckNode(string node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (!RemoteRules.IsNode(node))
            throw new ArgumentException("A node name has letters, digits and inner hyphens only, at most 63.", nameof(node));
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body) =>
        JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = JsonValues.DepthMax });

    private Task<HttpAnswer> GetAsync(string pathAndQuery, long bytesMax, CancellationToken ct) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, pathAndQuery, bytesMax), ct);

    private T Understand<T>(HttpAnswer answer, Func<ReadOnlyMemory<byte>, T> read)
    {
        try
        {
            return read(answer.Body);
        }
        catch (BadAnswerException e)
        {
            throw EndpointErrors.BadAnswer(Remote, answer.Endpoint, e.Message, e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw EndpointErrors.BadAnswer(Remote, answer.Endpoint, "its answer cannot be read as JSON", e);
        }
    }
}
