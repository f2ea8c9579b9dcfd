using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>A self-signed certificate for each remote, as a fresh Proxmox installation has one.</summary>
internal static class Certificates
{
    public static X509Certificate2 Create(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + host, key, HashAlgorithmName.SHA256);
        // Not the fleet's clock: handshakes check validity against the machine's.
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(730));
        // The key of a certificate just made is in memory only, which the TLS of Windows cannot use.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
    }

    /// <summary>SHA-256 of the certificate, <c>AA:BB:…</c>.</summary>
    public static string Fingerprint(X509Certificate2 certificate) =>
        string.Join(':', SHA256.HashData(certificate.RawDataMemory.Span).Select(static octet => octet.ToString("X2")));
}
