using System.Security.Cryptography;

namespace RemoteTasks.Proxmox.Remotes;

/// <summary>SHA-256 of a certificate in DER form, as the products print it: <c>AA:BB:..</c>, 32 bytes.</summary>
internal static class CertificateFingerprint
{
    internal const string Expected = "A fingerprint is the SHA-256 of the certificate: 64 hexadecimal digits, with or without colons";

    /// <summary>Returns the upper-case form with colons, null for null.</summary>
    /// <exception cref="FormatException">It is no SHA-256 fingerprint.</exception>
    internal static string? Normalise(string? text)
    {
        if (text is null)
            return null;
        string digits = text.Trim().Replace(":", "", StringComparison.Ordinal);
        if (digits.Length != 2 * SHA256.HashSizeInBytes || !digits.All(char.IsAsciiHexDigit))
            throw new FormatException($"{Expected}; this has {digits.Length} characters without its colons.");
        return Format(Convert.FromHexString(digits));
    }

    internal static string Format(ReadOnlySpan<byte> hash)
    {
        string digits = Convert.ToHexString(hash);
        return string.Join(':', Enumerable.Range(0, hash.Length).Select(i => digits.Substring(2 * i, 2)));
    }

    internal static byte[] ToBytes(string normalised) => Convert.FromHexString(normalised.Replace(":", "", StringComparison.Ordinal));
}
