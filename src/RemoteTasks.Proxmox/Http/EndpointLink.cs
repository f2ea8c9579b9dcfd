using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using Polly.CircuitBreaker;

namespace RemoteTasks.Proxmox.Http;

/// <summary>The connections to one endpoint. One request, one answer or one <see cref="ProxmoxException"/> that says how far it got.</summary>
internal sealed class EndpointLink : IDisposable
{
    private const int ErrorBytesMax = 64 * 1024;

    // The servers close a connection after 5 s of silence, and a request should never meet one about to be closed. The handler looks for idle
    // connections only once a second, so that one is used until a second or more beyond this.
    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(1);
    private static readonly ProductInfoHeaderValue Agent = new("RemoteTasks", typeof(EndpointLink).Assembly.GetName().Version?.ToString(3));

    private readonly RemoteDefinition _remote;
    private readonly RemoteEndpoint _endpoint;
    private readonly ProxmoxClientOptions _options;
    private readonly CertificateCheck _certificates;
    private readonly Redaction _redaction;
    private readonly EndpointErrors _errors;
    private readonly HttpMessageInvoker _http;
    private readonly EndpointCircuit _circuit;

    internal EndpointLink(RemoteDefinition remote, RemoteEndpoint endpoint, ProxmoxClientOptions options)
    {
        (_remote, _endpoint, _options) = (remote, endpoint, options);
        _certificates = new CertificateCheck(endpoint.Fingerprint, options.Clock);
        _redaction = new Redaction(remote);
        _errors = new EndpointErrors(remote, endpoint, _redaction);
        _http = new HttpMessageInvoker(MakeHandler(), disposeHandler: true);
        _circuit = new EndpointCircuit(options);
    }

    internal string Name => _endpoint.ToString();

    /// <summary>Whether it is left alone now, because it failed again and again.</summary>
    internal bool IsLeftAlone => _circuit.IsOpen;

    /// <summary>Asks it again, whatever it did before.</summary>
    internal void TryAgain() => _circuit.Close();

    internal async Task<HttpAnswer> SendAsync(ApiRequest request, CancellationToken cancel)
    {
        try
        {
            return await _circuit.RunAsync(token => TrySendAsync(request, token), cancel);
        }
        catch (BrokenCircuitException e)
        {
            throw _errors.LeftAlone(e.InnerException as ProxmoxException, e);
        }
    }

    private async Task<HttpAnswer> TrySendAsync(ApiRequest request, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            return await ExchangeAsync(request, either.Token);
        }
        catch (OperationCanceledException e)
        {
            cancel.ThrowIfCancellationRequested();
            if (timeout.IsCancellationRequested)
                throw _errors.TimedOut(RequestStage.Exchanging, _options.RequestTimeout, request.Method, e);
            // The handler reports its own connect timeout as a cancellation that nobody asked for, with the timeout inside.
            throw e.InnerException is TimeoutException
                ? _errors.TimedOut(RequestStage.Connecting, _options.ConnectTimeout, request.Method, e)
                : _errors.Broken(request.Method, e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.SecureConnectionError)
        {
            throw e.InnerException is AuthenticationException && _certificates.Refusal is { } refusal
                ? _errors.CertificateRefused(refusal, e)
                : _errors.NoTls(e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
        {
            throw _errors.NotConnected(e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded)
        {
            throw _errors.BadAnswer("its answer is no HTTP/1.1, or has endless headers", e);
        }
        catch (InvalidDataException e)
        {
            throw _errors.BadAnswer("its answer is not the gzip data that it says it is", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw _errors.Broken(request.Method, e);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpAnswer> ExchangeAsync(ApiRequest request, CancellationToken cancel)
    {
        // Both servers speak HTTP/1.1 only; PVE answers anything else with 506.
        using var message = new HttpRequestMessage(request.Method, new Uri($"https://{_endpoint}{request.PathAndQuery}"))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        message.Headers.TryAddWithoutValidation("Authorization", AuthorizationHeader.Value(_remote));
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        message.Headers.UserAgent.Add(new ProductInfoHeaderValue(Agent.Product!));
        using HttpResponseMessage response = await _http.SendAsync(message, cancel);
        if (!response.IsSuccessStatusCode)
        {
            byte[] start = await BoundedBody.ReadStartAsync(response.Content, ErrorBytesMax, cancel);
            throw _errors.Status((int)response.StatusCode, response.ReasonPhrase, start, request.Method);
        }
        Memory<byte> body = await BoundedBody.ReadAsync(response.Content, request.BytesMax, cancel)
            ?? throw _errors.TooLarge(request.BytesMax, (int)response.StatusCode);
        _redaction.Apply(body.Span);
        return new HttpAnswer(Name, body, response.Headers.Date?.ToUnixTimeSeconds());
    }

    private SocketsHttpHandler MakeHandler() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.GZip,
        ConnectTimeout = _options.ConnectTimeout,
        ConnectCallback = GuardedConnect.ConnectAsync,
        PooledConnectionIdleTimeout = IdleMax,
        MaxConnectionsPerServer = _options.ConnectionsPerRemote,
        ActivityHeadersPropagator = null,
        SslOptions =
        {
            EnabledSslProtocols = CertificateCheck.Protocols,
            CertificateChainPolicy = CertificateCheck.ChainPolicy(),
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => _certificates.Accept(certificate, chain, errors),
        },
    };
}
