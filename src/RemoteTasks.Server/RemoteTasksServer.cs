using System.Net;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using RemoteTasks.Cache;
using RemoteTasks.Server.Api;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Security;

namespace RemoteTasks.Server;

/// <summary>The daemon: polls the remotes, keeps the cache, serves REST. Start it, and stop it by disposing.</summary>
public sealed class RemoteTasksServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RemoteTasksServer(WebApplication app, ServerOptions options, int port)
    {
        _app = app;
        TokenFile = options.TokenFile;
        Cache = app.Services.GetRequiredService<TaskStore>().Cache;
        Url = new Uri($"http://{new IPEndPoint(options.Listen.Address, port)}");
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>The file with the token that opens it.</summary>
    public string TokenFile { get; }

    /// <summary>The cache it fills.</summary>
    public TaskCache Cache { get; }

    /// <summary>Starts the daemon; it listens when the task ends.</summary>
    /// <exception cref="IOException">The data directory or the port cannot be used; the message says why.</exception>
    public static async Task<RemoteTasksServer> StartAsync(ServerOptions options, Action<ILoggingBuilder>? logging = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        Directory.CreateDirectory(options.DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var token = AdminToken.LoadOrCreate(options.TokenFile);

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        ConfigureLogging(builder.Logging, logging);
        builder.WebHost.ConfigureKestrel(kestrel => Limit(kestrel, options.Listen));
        AddServices(builder.Services, options, token);

        WebApplication app = builder.Build();
        MapRoutes(app);
        try
        {
            // The cache is made, or recovered, before anybody can ask for it.
            await app.Services.GetRequiredService<TaskStore>().WriteAsync(static _ => true, ct);
            await app.StartAsync(ct);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new RemoteTasksServer(app, options, new Uri(app.Urls.First()).Port);
    }

    /// <summary>Waits until the process is asked to end.</summary>
    public Task WaitForShutdownAsync(CancellationToken ct) => _app.WaitForShutdownAsync(ct);

    /// <summary>Stops listening and polling.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private static void ConfigureLogging(ILoggingBuilder builder, Action<ILoggingBuilder>? logging)
    {
        builder.ClearProviders();
        builder.AddFilter("Microsoft", LogLevel.Warning);
        if (logging is not null)
        {
            logging(builder);
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
        services.AddSingleton(token);
        services.AddSingleton(TaskCache.Open(options.CacheDirectory, options.Cache with { Clock = options.Clock }));
        services.AddSingleton<TaskStore>();
        services.AddSingleton<Freshness>();
        services.AddSingleton<FleetPoller>();
        services.AddHostedService(provider => provider.GetRequiredService<FleetPoller>());
        services.AddAuthentication(BearerHandler.SchemeName).AddScheme<AuthenticationSchemeOptions, BearerHandler>(BearerHandler.SchemeName, configureOptions: null);
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddApiDescription();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
    }

    private static void MapRoutes(WebApplication app)
    {
        app.UseExceptionHandler(handler => handler.Run(AnswerFailureAsync));
        app.UseAuthentication();
        app.UseAuthorization();
        HealthEndpoint.Map(app);
        TaskEndpoints.Map(app);
        RemoteEndpoints.Map(app);
        app.MapOpenApi();

        // Also for paths that do not exist one has to sign in: nobody learns from outside which do.
        app.MapFallback(context => ApiError.WriteAsync(context, StatusCodes.Status404NotFound, "There is no such path."));
    }

    private static Task AnswerFailureAsync(HttpContext context)
    {
        Exception? error = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (error is CacheException { Error: CacheError.Locked or CacheError.ChangedMeanwhile } busy)
            return ApiError.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, busy.Message);
        if (error is not null)
            context.RequestServices.GetRequiredService<ILogger<RemoteTasksServer>>().RequestFailed(error);
        return ApiError.WriteAsync(context, StatusCodes.Status500InternalServerError, "The request failed; the daemon's log says why.");
    }
}
