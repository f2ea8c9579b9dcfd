using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RemoteTasks.Proxmox.Http;
using RemoteTasks.Proxmox.Remotes;

namespace RemoteTasks.Proxmox;

/// <summary>The certificate that an endpoint shows, to be looked at by a person before anything is sent to it.</summary>
/// <param name="Fingerprint">SHA-256, <c>AA:BB:..</c>.</param>
/// <param name="Subject">Whom it names, harmless for a terminal.</param>
/// <param name="Issuer">Who made it, harmless for a terminal.</param>
/// <param name="NotBefore">Valid from.</param>
/// <param name="NotAfter">Valid until.</param>
/// <param name="Problem">Why this system does not trust it for this host by itself; null: it does.</param>
public sealed record EndpointCertificate(string Fingerprint, string Subject, string Issuer, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string? Problem)
{
    /// <summary>Connects, shakes hands and hangs up: no request is made, and no secret is sent.</summary>
    /// <exception cref="IOException">There is no connection, or no TLS behind it; the message says which.</exception>
    public static async Task<EndpointCertificate> GetAsync(RemoteEndpoint endpoint, TimeSpan timeout, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(timeout);
        try
        {
            using Socket socket = await ConnectAsync(endpoint, limit.Token);
            return await ShakeHandsAsync(endpoint, socket, limit.Token) ?? throw new IOException($"{endpoint}: it sent no certificate.");
        }
        catch (OperationCanceledException error) when (!ct.IsCancellationRequested)
        {
            throw new IOException($"{endpoint}: no answer within {timeout.TotalSeconds:0.#} s. Check the address, the port and firewalls.", error);
        }
        catch (SocketException error)
        {
            throw new IOException($"{endpoint}: cannot connect ({error.Message}). Check the address, the port and firewalls.", error);
        }
    }

    private static async Task<Socket> ConnectAsync(RemoteEndpoint endpoint, CancellationToken ct)
    {
        IPAddress[] addresses = await AddressesAsync(endpoint, ct);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, endpoint.Port, ct);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<IPAddress[]> AddressesAsync(RemoteEndpoint endpoint, CancellationToken ct)
    {
        if (IPAddress.TryParse(endpoint.Host, out IPAddress? literal))
            return [literal];
        try
        {
            return GuardedConnect.Permit(endpoint.Host, await Dns.GetHostAddressesAsync(endpoint.Host, ct));
        }
        catch (IOException error)
        {
            throw new IOException($"{endpoint}: {error.Message}.", error);
        }
    }

    private static async Task<EndpointCertificate?> ShakeHandsAsync(RemoteEndpoint endpoint, Socket socket, CancellationToken ct)
    {
        EndpointCertificate? found = null;
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = endpoint.Host,
            EnabledSslProtocols = CertificateCheck.Protocols,
            CertificateChainPolicy = CertificateCheck.ChainPolicy(),
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                // Whatever it is, it is only looked at.
                found = certificate is null ? null : Describe(certificate, chain, errors);
                return found is not null;
            },
        };
        try
        {
            await using var tls = new SslStream(new NetworkStream(socket));
            await tls.AuthenticateAsClientAsync(options, ct);
        }
        catch (Exception error) when (error is AuthenticationException or IOException)
        {
            // Where it hung up, but its certificate was seen, that is all that was wanted.
            if (found is null)
                throw new IOException($"{endpoint}: there is no TLS, or none that this system speaks ({RemoteText.Clean(error.Message).TrimEnd('.')}).", error);
        }

        return found;
    }

    private static EndpointCertificate Describe(X509Certificate certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        using var dated = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return new EndpointCertificate(
            CertificateFingerprint.Format(certificate.GetCertHash(HashAlgorithmName.SHA256)),
            RemoteText.Clean(dated.Subject),
            RemoteText.Clean(dated.Issuer),
            new DateTimeOffset(dated.NotBefore),
            new DateTimeOffset(dated.NotAfter),
            errors == SslPolicyErrors.None ? null : CertificateCheck.Reasons(chain, errors));
    }
}
