using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>One server that listens on a loopback port for every node of the fleet and tells them apart by that port.</summary>
internal sealed class FleetHost : IAsyncDisposable
{
    /// <summary>Proxmox closes idle connections early, which makes careless clients send into closed ones.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(5);

    private readonly WebApplication application;

    private FleetHost(WebApplication application) => this.application = application;

    /// <summary>Starts listening; <paramref name="bound"/> learns the port of each node.</summary>
    public static async Task<FleetHost> StartAsync(
        IReadOnlyList<SimRemote> remotes,
        RequestDelegate handle,
        Action<IReadOnlyList<IReadOnlyList<int>>> bound,
        CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var listeners = new List<List<ListenOptions>>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.KeepAliveTimeout = KeepAlive;
            foreach (var remote in remotes)
            {
                var ofRemote = new List<ListenOptions>();
                for (var node = 0; node < remote.Nodes.Count; node++)
                {
                    kestrel.Listen(IPAddress.Loopback, 0, listen =>
                    {
                        listen.Protocols = HttpProtocols.Http1;
                        listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => remote.Certificate);
                        ofRemote.Add(listen);
                    });
                }

                listeners.Add(ofRemote);
            }
        });
        var host = new FleetHost(builder.Build());
        host.application.Run(handle);
        try
        {
            await host.application.StartAsync(ct);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }

        bound([.. listeners.Select(static ofRemote => (IReadOnlyList<int>)[.. ofRemote.Select(static listen => listen.IPEndPoint!.Port)])]);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        // Clients keep connections open; waiting for them would only slow a test's end.
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        try
        {
            await application.StopAsync(atOnce.Token);
        }
        catch (OperationCanceledException)
        {
            // What was asked for.
        }

        await application.DisposeAsync();
    }
}
