using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace RemoteTasks.Proxmox.Tests;

public sealed class CertificateTests
{
    private const string Empty = """{"data":[]}""";

    [Fact]
    public async Task A_pinned_certificate_is_accepted_although_self_signed_and_for_another_name()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync(Empty);
        using ProxmoxClient client = Given.Pve(host);
        Assert.Empty((await client.ListAsync()).Tasks);
    }

    [Fact]
    public async Task Another_certificate_than_the_pinned_one_is_refused_naming_both()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync(Empty);
        string pin = string.Concat(Enumerable.Repeat("ab", 32));
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pve, host.Pinned with { Fingerprint = pin }));
        ProxmoxException e = await Given.FailureAsync(() => client.ListAsync());
        Assert.Equal(ProxmoxErrorKind.Certificate, e.Kind);
        Assert.Contains($"expected fingerprint {string.Join(':', Enumerable.Repeat("AB", 32))}, found {host.Pinned.Fingerprint}", e.Message, StringComparison.Ordinal);
        Assert.Contains("pvenode cert info", e.Remedy, StringComparison.Ordinal);
        Assert.Empty(host.Seen);
    }

    [Fact]
    public async Task Without_a_pin_a_self_signed_certificate_is_refused_showing_its_fingerprint()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync(Empty);
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pbs, host.Pinned with { Fingerprint = null }));
        ProxmoxException e = await Given.FailureAsync(() => client.ListAsync());
        Assert.Equal(ProxmoxErrorKind.Certificate, e.Kind);
        Assert.Contains("not trusted", e.Message, StringComparison.Ordinal);
        Assert.Contains(host.Pinned.Fingerprint!, e.Message, StringComparison.Ordinal);
        Assert.Contains("proxmox-backup-manager cert info", e.Remedy, StringComparison.Ordinal);
        Assert.Empty(host.Seen);
    }

    [Fact]
    public async Task A_pinned_certificate_that_has_expired_is_refused()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        ProxmoxException e = await RefusalAsync(FakeHost.MakeCertificate(now.AddDays(-20), now.AddDays(-1)), TimeProvider.System);
        Assert.Contains("has expired on", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pinned_certificate_that_is_not_valid_yet_is_refused()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        ProxmoxException e = await RefusalAsync(FakeHost.MakeCertificate(now.AddDays(1), now.AddDays(20)), TimeProvider.System);
        Assert.Contains("is valid only from", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validity_is_judged_by_the_given_clock()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddYears(1));
        ProxmoxException e = await RefusalAsync(FakeHost.MakeCertificate(), clock);
        Assert.Contains("has expired on", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_without_tls_is_unreachable_and_the_remedy_names_the_usual_port()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task answering = AnswerPlainAsync(listener);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pbs, new RemoteEndpoint("127.0.0.1", port, null)));
        ProxmoxException e = await Given.FailureAsync(() => client.ListAsync());
        Assert.Equal(ProxmoxErrorKind.Unreachable, e.Kind);
        Assert.Contains("TLS handshake failed", e.Message, StringComparison.Ordinal);
        Assert.Contains("8007", e.Remedy, StringComparison.Ordinal);
        await answering;
    }

    [Fact]
    public async Task A_service_that_speaks_tls_but_no_http_gives_a_bad_answer()
    {
        using X509Certificate2 certificate = FakeHost.MakeCertificate();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task answering = AnswerGibberishAsync(listener, certificate);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        string pin = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pve, new RemoteEndpoint("127.0.0.1", port, pin)));
        ProxmoxException e = await Given.FailureAsync(() => client.ListAsync());
        Assert.Equal(ProxmoxErrorKind.BadAnswer, e.Kind);
        await answering;
    }

    private static async Task AnswerGibberishAsync(TcpListener listener, X509Certificate2 certificate)
    {
        using TcpClient peer = await listener.AcceptTcpClientAsync();
        await using var tls = new SslStream(peer.GetStream());
        await tls.AuthenticateAsServerAsync(certificate);
        Assert.NotEqual(0, await tls.ReadAtLeastAsync(new byte[4096], 10));
        await tls.WriteAsync("220 mail.example.com ESMTP\r\n\r\n"u8.ToArray());
    }

    private static async Task AnswerPlainAsync(TcpListener listener)
    {
        using TcpClient peer = await listener.AcceptTcpClientAsync();
        await peer.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
    }

    private static async Task<ProxmoxException> RefusalAsync(X509Certificate2 certificate, TimeProvider clock)
    {
        await using FakeHost host = await FakeHost.StartAsync(context => context.Response.WriteAsync(Empty), certificate);
        using ProxmoxClient client = Given.Pve(host, new ProxmoxClientOptions { Clock = clock });
        ProxmoxException e = await Given.FailureAsync(() => client.ListAsync());
        Assert.Equal(ProxmoxErrorKind.Certificate, e.Kind);
        Assert.Empty(host.Seen);
        return e;
    }
}
