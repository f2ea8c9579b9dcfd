using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Server;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Ui;
using RemoteTasks.Server.Ui.Live;

namespace RemoteTasks.Ui.Tests.Support;

/// <summary>A circuit without a browser, over a cache of its own. Remotes, where there are any, are polled when a test says so.</summary>
internal sealed class PageContext : BunitContext
{
    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-ui-").FullName;

    internal PageContext(TimeProvider? clock = null, IReadOnlyList<RemoteDefinition>? remotes = null)
    {
        var options = new ServerOptions { Remotes = remotes ?? [], DataDirectory = _directory, Clock = clock ?? TimeProvider.System };
        Store = new TaskStore(TaskCache.Open(_directory), NullLogger<TaskStore>.Instance);
        Poller = new FleetPoller(Store, Freshness, options, NullLogger<FleetPoller>.Instance);
        Write();
        Services.AddSingleton(options);
        Services.AddSingleton(Store);
        Services.AddSingleton(Freshness);
        Services.AddSingleton(Poller);
        Services.AddSingleton<PageAssets>();
        Services.AddSingleton(new CacheChanges(Store, options, NullLogger<CacheChanges>.Instance));
        Services.AddSingleton<Summaries>();
        Services.AddScoped<PageVisibility>();
        JSInterop.Mode = JSRuntimeMode.Loose;
        Authorization = this.AddAuthorization();
        Authorization.SetAuthorized("joe");
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    internal TaskStore Store { get; }

    internal Freshness Freshness { get; } = new();

    internal FleetPoller Poller { get; }

    internal BunitAuthorizationContext Authorization { get; }

    /// <summary>Stores tasks as a poller does.</summary>
    internal void Write(params TaskRecord[] tasks) => Write(new TaskBatch { Tasks = tasks });

    /// <summary>Stores what a poller brought.</summary>
    internal void Write(TaskBatch batch) =>
        Store.WriteAsync(writer => writer.Update(batch), CancellationToken.None).GetAwaiter().GetResult();

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing || !Directory.Exists(_directory))
            return;
        Poller.StopAsync(CancellationToken.None).GetAwaiter().GetResult();
        Poller.Dispose();
        Store.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
