using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace RemoteTasks.Proxmox.Tests;

/// <summary>A request as it came over the wire.</summary>
internal sealed record SeenRequest(
    string Method, string Target, string Protocol, IReadOnlyDictionary<string, string> Headers, long? BodyLength, string Connection);

/// <summary>A real HTTPS server on loopback with a certificate of its own, answering every request with one handler.</summary>
internal sealed class FakeHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeHost(WebApplication app, X509Certificate2 certificate)
    {
        _app = app;
        Fingerprint = Convert.ToHexString(certificate.GetCertHash(HashAlgorithmName.SHA256));
    }

    internal ConcurrentQueue<SeenRequest> Seen { get; } = new();

    internal SeenRequest Last => Seen.Last();

    internal string Fingerprint { get; }

    internal int Port { get; private set; }

    internal RemoteEndpoint Pinned => new("127.0.0.1", Port, Fingerprint);

    internal static Task<FakeHost> StartJsonAsync(string json) => StartAsync(context => context.Response.WriteAsync(json));

    internal static async Task<FakeHost> StartAsync(RequestDelegate handler, X509Certificate2? certificate = null)
    {
        certificate ??= MakeCertificate();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var host = new FakeHost(builder.Build(), certificate);
        host._app.Run(async context =>
        {
            host.Seen.Enqueue(See(context));
            await handler(context);
        });
        await host._app.StartAsync();
        string address = host._app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        host.Port = new Uri(address).Port;
        return host;
    }

    internal static X509Certificate2 MakeCertificate(DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=pve-test", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 made = request.CreateSelfSigned(notBefore ?? now.AddDays(-1), notAfter ?? now.AddDays(30));
        // Through PKCS#12, since TLS on Windows does not take a key that lives in memory only.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), password: null);
    }

    internal static RequestDelegate Fail(int status, string? reason = null, string body = "") => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (reason is not null)
            context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = reason;
        await context.Response.WriteAsync(body);
    };

    public async ValueTask DisposeAsync()
    {
        using var hurry = new CancellationTokenSource(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
    }

    private static SeenRequest See(HttpContext context) => new(
        context.Request.Method,
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
        context.Request.Protocol,
        context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        context.Request.ContentLength,
        context.Connection.Id);
}
