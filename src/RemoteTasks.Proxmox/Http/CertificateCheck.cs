using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RemoteTasks.Proxmox.Remotes;

namespace RemoteTasks.Proxmox.Http;

/// <summary>
/// Decides whether an endpoint's certificate is accepted. With a pin the certificate must be that very one and valid now, and neither its issuer
/// nor its names count. Without one the system's own judgement stands. There is no third way.
/// </summary>
internal sealed class CertificateCheck(string? fingerprint, TimeProvider clock)
{
    internal const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    private readonly byte[]? _pin = fingerprint is null ? null : CertificateFingerprint.ToBytes(fingerprint);

    // The handler reports a refusal without a reason, so the reason waits here. Requests that connect to one endpoint at the same time
    // see the same certificate, so that it does not matter whose reason it is.
    private volatile string? _refusal;

    /// <summary>Why the last certificate was refused; null after one was accepted.</summary>
    internal string? Refusal => _refusal;

    /// <summary>A certificate may name addresses to load more certificates from: nobody unknown shall make this process call out.</summary>
    internal static X509ChainPolicy ChainPolicy() => new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };

    internal bool Accept(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        _refusal = Judge(certificate, chain, errors);
        return _refusal is null;
    }

    private string? Judge(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            return "it sent no certificate";
        byte[] hash = certificate.GetCertHash(HashAlgorithmName.SHA256);
        string found = CertificateFingerprint.Format(hash);
        if (_pin is null)
            return errors == SslPolicyErrors.None ? null : $"its certificate is not trusted ({Reasons(chain, errors)}); found fingerprint {found}";
        if (!CryptographicOperations.FixedTimeEquals(hash, _pin))
            return $"its certificate is not the pinned one: expected fingerprint {fingerprint}, found {found}";
        return ValidNow(certificate);
    }

    private string? ValidNow(X509Certificate certificate)
    {
        using var dated = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        DateTime now = clock.GetUtcNow().UtcDateTime;
        if (now < dated.NotBefore.ToUniversalTime())
            return $"its certificate is the pinned one but is valid only from {dated.NotBefore.ToUniversalTime():u}";
        if (now > dated.NotAfter.ToUniversalTime())
            return $"its certificate is the pinned one but has expired on {dated.NotAfter.ToUniversalTime():u}";
        return null;
    }

    internal static string Reasons(X509Chain? chain, SslPolicyErrors errors)
    {
        IEnumerable<string> reasons = (chain?.ChainStatus ?? []).Select(status => status.Status.ToString());
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            reasons = reasons.Prepend("it is for another host name");
        return string.Join(", ", reasons.Distinct(StringComparer.Ordinal));
    }
}
