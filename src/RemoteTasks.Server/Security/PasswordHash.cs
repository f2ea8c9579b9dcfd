using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace RemoteTasks.Server.Security;

/// <summary>A password as it is kept: PBKDF2-SHA256 of it, with a salt of its own.</summary>
public sealed record PasswordHash
{
    /// <summary>What a password must have at least.</summary>
    public const int LengthMin = 12;

    /// <summary>Longer ones are no safer; the sign-in page takes no more.</summary>
    public const int LengthMax = 256;

    private const string OnlyKind = "pbkdf2-sha256";
    private const int IterationsMin = 600_000;
    private const int IterationsMax = 10_000_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    [JsonConstructor]
    private PasswordHash(string kind, int iterations, string salt, string hash)
    {
        Kind = kind;
        Iterations = iterations;
        Salt = salt;
        Hash = hash;
    }

    /// <summary>How it was hashed.</summary>
    public string Kind { get; }

    /// <summary>How often.</summary>
    public int Iterations { get; }

    /// <summary>The salt, in Base64.</summary>
    public string Salt { get; }

    /// <summary>The hash, in Base64.</summary>
    public string Hash { get; }

    /// <summary>For a name that nobody has: to check it takes as long, and fails.</summary>
    internal static PasswordHash OfNobody { get; } = new(
        OnlyKind, IterationsMin, Convert.ToBase64String(RandomNumberGenerator.GetBytes(SaltBytes)), Convert.ToBase64String(RandomNumberGenerator.GetBytes(HashBytes)));

    /// <summary>Whether it is one that this program makes, whole and not made weaker.</summary>
    internal bool IsSound =>
        Kind == OnlyKind && Iterations is >= IterationsMin and <= IterationsMax && BytesIn(Salt) >= SaltBytes && BytesIn(Hash) == HashBytes;

    /// <summary>Hashes a new password, which takes some tenths of a second.</summary>
    /// <exception cref="ArgumentException">It is too short or too long.</exception>
    public static PasswordHash Of(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        if (password.Length is < LengthMin or > LengthMax)
            throw new ArgumentException($"A password has from {LengthMin} to {LengthMax} characters.", nameof(password));
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return new PasswordHash(OnlyKind, IterationsMin, Convert.ToBase64String(salt), Convert.ToBase64String(Derive(password, salt, IterationsMin)));
    }

    /// <summary>Whether a password is this one; it takes as long for a wrong one.</summary>
    internal bool Is(string password) =>
        CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(Hash), Derive(password, Convert.FromBase64String(Salt), Iterations));

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, HashBytes);

    private static int BytesIn(string base64)
    {
        byte[] bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out int count) ? count : -1;
    }
}
