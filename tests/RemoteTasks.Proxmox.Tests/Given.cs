using System.Net;
using System.Net.Sockets;

namespace RemoteTasks.Proxmox.Tests;

/// <summary>Things that many tests begin with.</summary>
internal static class Given
{
    internal const string Secret = "12345678-aaaa-bbbb-cccc-1234567890ab";
    internal const string PveUpid = "UPID:pve1:0000C346:8206F38C0:68D7279C:qmstart:100:mon@pve!tasks:";
    internal const string PbsUpid = @"UPID:pbs-01:000003A9:00000612:000017CD:643F3D37:backup:Backup\x2dVms\x3avm-6002:backup@pbs!job:";

    internal static RemoteDefinition Remote(RemoteType type, params RemoteEndpoint[] endpoints) => new()
    {
        Id = "site-a",
        Type = type,
        Endpoints = endpoints,
        AuthId = "mon@pve!tasks",
        Token = new ApiToken(Secret),
    };

    internal static ProxmoxClient Pve(FakeHost host, ProxmoxClientOptions? options = null) => new(Remote(RemoteType.Pve, host.Pinned), options);

    internal static ProxmoxClient Pbs(FakeHost host, ProxmoxClientOptions? options = null) => new(Remote(RemoteType.Pbs, host.Pinned), options);

    internal static Task<TaskListAnswer> ListAsync(this ProxmoxClient client, TaskListParameters? parameters = null) =>
        client.ListTasksAsync(client.Remote.Type == RemoteType.Pve ? "pve1" : "localhost", parameters ?? new TaskListParameters(), CancellationToken.None);

    internal static async Task<ProxmoxException> FailureAsync(Func<Task> call) => await Assert.ThrowsAsync<ProxmoxException>(call);

    /// <summary>A port of loopback on which nobody listens.</summary>
    internal static int DeadPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
