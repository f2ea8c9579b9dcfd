using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using RemoteTasks.Cache;
using RemoteTasks.Server;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Ui;
using RemoteTasks.Server.Ui.Live;

namespace RemoteTasks.Ui.Tests.Support;

/// <summary>A circuit without a browser, over a cache of its own.</summary>
internal sealed class PageContext : BunitContext
{
    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-ui-").FullName;

    internal PageContext()
    {
        var options = new ServerOptions { Remotes = [], DataDirectory = _directory };
        Store = new TaskStore(TaskCache.Open(_directory), NullLogger<TaskStore>.Instance);
        Write();
        Services.AddSingleton(options);
        Services.AddSingleton(Store);
        Services.AddSingleton<PageAssets>();
        Services.AddSingleton(new CacheChanges(Store, options, NullLogger<CacheChanges>.Instance));
        Services.AddSingleton<Summaries>();
        JSInterop.Mode = JSRuntimeMode.Loose;
        Authorization = this.AddAuthorization();
        Authorization.SetAuthorized("joe");
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    internal TaskStore Store { get; }

    internal BunitAuthorizationContext Authorization { get; }

    /// <summary>Stores tasks as a poller does.</summary>
    internal void Write(params TaskRecord[] tasks) =>
        Store.WriteAsync(writer => writer.Update(new TaskBatch { Tasks = tasks }), CancellationToken.None).GetAwaiter().GetResult();

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }
}
