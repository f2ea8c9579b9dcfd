using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Api;
using RemoteTasks.Server.Observation;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Security;
using RemoteTasks.Server.TaskLogs;
using RemoteTasks.Server.Ui;

namespace RemoteTasks.Server;

/// <summary>The daemon: polls the remotes, keeps the cache, serves REST. Start it, and stop it by disposing.</summary>
public sealed class RemoteTasksServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DataDirectoryLock _lock;

    private RemoteTasksServer(WebApplication app, DataDirectoryLock directoryLock, ServerOptions options, int port)
    {
        _app = app;
        _lock = directoryLock;
        TokenFile = options.TokenFile;
        Store = app.Services.GetRequiredService<TaskStore>();
        Answers = app.Services.GetRequiredService<AnswerCache>();
        Fleet = app.Services.GetRequiredService<FleetPoller>();
        Url = new Uri($"http://{new IPEndPoint(options.Listen.Address, port)}");
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>The file with the token that opens it.</summary>
    public string TokenFile { get; }

    /// <summary>The cache it fills.</summary>
    public TaskCache Cache => Store.Cache;

    /// <summary>What changes the cache.</summary>
    internal TaskStore Store { get; }

    /// <summary>What it answered and keeps.</summary>
    internal AnswerCache Answers { get; }

    /// <summary>All that it is made of.</summary>
    internal IServiceProvider Services => _app.Services;

    /// <summary>What polls the remotes.</summary>
    internal FleetPoller Fleet { get; }

    /// <summary>Starts the daemon; it listens when the task ends.</summary>
    /// <exception cref="IOException">The data directory or the port cannot be used; the message says why.</exception>
    public static async Task<RemoteTasksServer> StartAsync(ServerOptions options, Action<ILoggingBuilder>? logging = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        Directory.CreateDirectory(options.DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var directoryLock = DataDirectoryLock.Take(options.DataDirectory);
        try
        {
            WebApplication app = Build(options, AdminToken.LoadOrCreate(options.TokenFile), logging);
            try
            {
                // The cache is made, or recovered, before anybody can ask for it.
                TaskStore store = app.Services.GetRequiredService<TaskStore>();
                await store.WriteAsync(static _ => true, ct);
                await store.MakeSureAsync(ct);
                EnsureRenamed(store.Cache, options.Remotes);
                await ListenAsync(app, options.Listen, ct);

                // Only now: a daemon that cannot listen asks no remote and writes nothing.
                foreach (IHostedService work in Work(app))
                    await work.StartAsync(CancellationToken.None);
                return new RemoteTasksServer(app, directoryLock, options, new Uri(app.Urls.First()).Port);
            }
            catch
            {
                await app.DisposeAsync();
                throw;
            }
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }

    /// <summary>An address that signs in once, as administrator, within ten minutes: for the eyes of who starts the daemon alone.</summary>
    public Uri SignInUrl() => SignInLink.New(_app.Services.GetRequiredService<OneTimeCodes>(), _app.Services.GetRequiredService<ServerOptions>().Web, Url);

    /// <summary>Waits until the process is asked to end.</summary>
    public Task WaitForShutdownAsync(CancellationToken ct) => _app.WaitForShutdownAsync(ct);

    /// <summary>Stops listening and polling.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        foreach (IHostedService work in Work(_app).Reverse())
            await work.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _lock.Dispose();
    }

    private static IEnumerable<IHostedService> Work(WebApplication app) =>
    [
        app.Services.GetRequiredService<FleetPoller>(), app.Services.GetRequiredService<CacheUpkeep>(), app.Services.GetRequiredService<RemotesWatcher>(),
        app.Services.GetRequiredService<SessionKeeper>(),
        app.Services.GetRequiredService<LogKeeper>(),
    ];

    private static void EnsureRenamed(TaskCache cache, IReadOnlyList<RemoteDefinition> remotes)
    {
        using CacheReader reader = cache.Read();
        if (reader.State.Renamed is { } rename && rename.IsUnknownTo([.. remotes.Select(remote => remote.Id)]))
        {
            throw new IOException(
                $"The remote '{rename.From}' was to become '{rename.To}', and that was interrupted: its history has the new name already. "
                + $"Give the same again: remote-tasks remote rename {rename.From} {rename.To}");
        }
    }

    private static WebApplication Build(ServerOptions options, AdminToken token, Action<ILoggingBuilder>? logging)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });

        // Where to listen and what to log is said by the options alone: not by ASPNETCORE_* variables, nor by an appsettings.json that
        // happens to lie in the current directory, which could open this daemon to the network.
        builder.Configuration.Sources.Clear();
        ConfigureLogging(builder.Logging, options, logging);
        builder.WebHost.ConfigureKestrel(kestrel => Limit(kestrel, options.Listen));
        AddServices(builder.Services, options, token);

        WebApplication app = builder.Build();
        MapRoutes(app);
        return app;
    }

    private static async Task ListenAsync(WebApplication app, IPEndPoint listen, CancellationToken ct)
    {
        try
        {
            await app.StartAsync(ct);
        }
        catch (Exception error) when ((error as SocketException ?? error.GetBaseException() as SocketException) is { } problem)
        {
            string reason = problem.SocketErrorCode == SocketError.AddressAlreadyInUse ? "another program listens there" : problem.Message;
            throw new IOException($"Cannot listen on {listen}: {reason}. Choose another address or port, or stop what uses it.", error);
        }
    }

    private static void ConfigureLogging(ILoggingBuilder builder, ServerOptions options, Action<ILoggingBuilder>? logging)
    {
        builder.ClearProviders();
        builder.SetMinimumLevel(options.LogLevelMin);
        builder.Services.AddSingleton<LoggerFactory>();
        builder.Services.AddSingleton<ILoggerFactory>(services => new CleanLoggerFactory(services.GetRequiredService<LoggerFactory>()));
        builder.AddFilter("Microsoft", LogLevel.Warning);

        // That it could not start is said by who started it, in one line.
        builder.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        if (logging is not null)
        {
            logging(builder);
            return;
        }

        if (options.HasJsonLog)
        {
            builder.AddJsonConsole(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
            return;
        }

        builder.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
            console.ColorBehavior = LoggerColorBehavior.Default;
        });
    }

    private static void Limit(KestrelServerOptions kestrel, IPEndPoint listen)
    {
        kestrel.Listen(listen);
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 1 << 20;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        kestrel.Limits.MaxConcurrentConnections = 1000;
    }

    private static void AddServices(IServiceCollection services, ServerOptions options, AdminToken token)
    {
        services.AddSingleton(options);
        services.AddSecurity(options, token);
        services.AddSingleton(TaskCache.Open(options.CacheDirectory, options.Cache with { Clock = options.Clock }));
        services.AddSingleton<TaskStore>();
        services.AddSingleton(new AnswerCache());
        services.AddSingleton<TaskAnswers>();
        services.AddSingleton<Freshness>();
        services.AddSingleton<FleetPoller>();
        services.AddSingleton<CacheUpkeep>();
        services.AddSingleton<RemotesWatcher>();
        services.AddSingleton(_ => KeptLogs.Open(KeptLogs.DirectoryIn(options.DataDirectory), options.KeptLogs, options.Clock));
        services.AddSingleton<LogKeeper>();
        services.AddSingleton<TaskLogReader>();
        services.AddTelemetry(options.Collector);
        services.AddApiDescription();
        services.AddPage();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
    }

    private static void MapRoutes(WebApplication app)
    {
        app.UseExceptionHandler(handler => handler.Run(AnswerFailureAsync));
        app.UseSecurity();
        app.MapSignIn();
        HealthEndpoint.Map(app);
        TaskEndpoints.Map(app);
        RemoteEndpoints.Map(app);
        FreshnessEndpoint.Map(app);
        LogEndpoint.Map(app);
        app.MapPage();
        app.MapOpenApi().RequireAuthorization(Policies.Read);
        app.MapMetrics();

        // Also for paths that do not exist one has to sign in: nobody learns from outside which do.
        app.MapFallback("{*path}", context => ApiError.WriteAsync(
            context, StatusCodes.Status404NotFound, $"There is no such path for {context.Request.Method}; see /openapi/v1.json.")).RequireAuthorization(Policies.Read);
    }

    private static Task AnswerFailureAsync(HttpContext context)
    {
        Exception? error = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (error is CacheException { Error: CacheError.Locked or CacheError.ChangedMeanwhile or CacheError.WentBad } busy)
            return ApiError.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, busy.Message);
        if (error is Microsoft.AspNetCore.Http.BadHttpRequestException bad)
            return ApiError.WriteAsync(context, bad.StatusCode, bad.Message);
        if (error is not null)
            context.RequestServices.GetRequiredService<ILogger<RemoteTasksServer>>().RequestFailed(error);
        return ApiError.WriteAsync(context, StatusCodes.Status500InternalServerError, "The request failed; the daemon's log says why.");
    }
}
