using System.Net;
using RemoteTasks.Cache;
using RemoteTasks.Server;
using RemoteTasks.Server.Security;
using RemoteTasks.Ui.Tests.Support;

namespace RemoteTasks.Ui.Tests.Browser;

/// <summary>The page behind a proxy that puts it under a path of its own.</summary>
public sealed class SubPathTests(Chromium chromium) : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-ui-").FullName;
    private RemoteTasksServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        using (CacheWriter writer = TaskCache.Open(ServerOptions.CacheDirectoryIn(_directory)).Write())
            writer.Update(new TaskBatch { Tasks = [.. Enumerable.Range(0, 100).Select(number => SomeTask.Record(1_790_000_000 + number))] });
        _server = await RemoteTasksServer.StartAsync(
            new ServerOptions
            {
                Remotes = [],
                DataDirectory = _directory,
                Listen = new IPEndPoint(IPAddress.Loopback, 0),
                Web = new WebOptions { PublicUrl = new Uri("https://tasks.example/fleet/tasks-of/") },
            },
            static _ => { });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Nothing_is_asked_for_outside_of_the_path()
    {
        await using Visitor visitor = await Visitor.SignInAsync(chromium.Browser, _server, under: "fleet/tasks-of/");
        foreach (string path in new[] { "", "tasks", "running", "remotes" })
            await visitor.OpenAsync(path);
        await visitor.OpenAsync("tasks?text=qm");
        await visitor.Page.ClickAsync("#row-3");
        await visitor.Page.WaitForSelectorAsync(".drawer .task-title");
        await visitor.Page.ClickAsync(".drawer-head a");
        await visitor.Page.WaitForURLAsync("**/fleet/tasks-of/task/*");
        await visitor.Page.ClickAsync("nav >> text=Overview");
        await visitor.Page.WaitForURLAsync("**/fleet/tasks-of/");
        Assert.Empty(visitor.Complaints);
    }
}
