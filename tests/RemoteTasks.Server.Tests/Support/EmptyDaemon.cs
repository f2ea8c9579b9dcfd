using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using RemoteTasks.Cache;

namespace RemoteTasks.Server.Tests.Support;

/// <summary>A daemon without remotes, with or without tasks in its cache, that keeps what it logs as failures.</summary>
internal sealed class EmptyDaemon : IAsyncDisposable, ILoggerProvider, ILogger
{
    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-hostile-").FullName;

    internal RemoteTasksServer Server { get; private set; } = null!;

    internal string Token { get; private set; } = "";

    internal List<string> Failures { get; } = [];

    internal string DataDirectory => _directory;

    internal string CacheDirectory => Path.Combine(_directory, "remote-tasks");

    internal static async Task<EmptyDaemon> StartAsync(int tasks = 0, Func<ServerOptions, ServerOptions>? adjust = null, Action<string>? prepare = null)
    {
        var daemon = new EmptyDaemon();
        prepare?.Invoke(daemon._directory);
        if (tasks > 0)
        {
            using CacheWriter writer = TaskCache.Open(daemon.CacheDirectory).Write();
            writer.Update(new TaskBatch { Tasks = [.. Enumerable.Range(0, tasks).Select(Record)] });
        }

        var options = new ServerOptions
        {
            Remotes = [],
            DataDirectory = daemon._directory,
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Cache = new TaskCacheOptions { LockTimeout = TimeSpan.FromMilliseconds(200) },
        };
        daemon.Server = await RemoteTasksServer.StartAsync(adjust?.Invoke(options) ?? options, logging => logging.AddProvider(daemon));
        daemon.Token = (await File.ReadAllTextAsync(daemon.Server.TokenFile)).Trim();
        while (daemon.HasWorkLeft())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        return daemon;
    }

    internal HttpClient Http()
    {
        var http = new HttpClient { BaseAddress = Server.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return http;
    }

    internal async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Server.Url.Port);
        return client;
    }

    internal async Task<string> SendAsync(string request)
    {
        using TcpClient client = await ConnectAsync();
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        try
        {
            return await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            return "";
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        lock (Failures)
            Failures.Add($"{logLevel} {formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
        // What it holds is let go in DisposeAsync.
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    internal static TaskRecord Record(int number)
    {
        string line = $$"""{"upid":"pve:r!UPID:n:{{number:X8}}:00000001:{{1_790_000_000 + number:X8}}:qmstart:100:root@pam:","starttime":{{1_790_000_000 + number}},"status":"OK","endtime":{{1_790_000_100 + number}}}""";
        Assert.True(TaskRecord.TryParse(Encoding.UTF8.GetBytes(line), out TaskRecord? record, out string? problem), problem);
        return record;
    }

    /// <summary>The last thing it does by itself after a start is to apply the journal.</summary>
    private bool HasWorkLeft()
    {
        using CacheReader reader = Server.Cache.Read();
        return reader.JournalRows > 0;
    }
}
