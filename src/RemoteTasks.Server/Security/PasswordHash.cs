using System.Security.Cryptography;

namespace RemoteTasks.Server.Security;

/// <summary>A password as it is kept: PBKDF2-SHA256 of it, with a salt of its own.</summary>
public sealed record PasswordHash
{
    /// <summary>What a password must have at least.</summary>
    public const int LengthMin = 12;

    /// <summary>Longer ones are no safer; the sign-in page takes no more.</summary>
    public const int LengthMax = 256;

    private const int IterationsNow = 600_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    private const int IterationsMax = 10_000_000;

    private static readonly HashAlgorithmName Algorithm = HashAlgorithmName.SHA256;

    private PasswordHash(int iterations, byte[] salt, byte[] hash)
    {
        Iterations = iterations;
        Salt = Convert.ToBase64String(salt);
        Hash = Convert.ToBase64String(hash);
    }

    /// <summary>How often it was hashed.</summary>
    public int Iterations { get; }

    /// <summary>The salt, in Base64.</summary>
    public string Salt { get; }

    /// <summary>The hash, in Base64.</summary>
    public string Hash { get; }

    /// <summary>For a name that nobody has: checking it takes as long, and fails.</summary>
    internal static PasswordHash OfNobody { get; } = new(IterationsNow, RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(HashBytes));

    /// <summary>Hashes a new password; it takes some tenths of a second.</summary>
    /// <exception cref="ArgumentException">It is too short or too long.</exception>
    public static PasswordHash Of(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        if (password.Length is < LengthMin or > LengthMax)
            throw new ArgumentException($"A password has from {LengthMin} to {LengthMax} characters.", nameof(password));
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return new PasswordHash(IterationsNow, salt, Rfc2898DeriveBytes.Pbkdf2(password, salt, IterationsNow, Algorithm, HashBytes));
    }

    /// <summary>As it stands in a file.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    internal static PasswordHash Stored(int iterations, string salt, string hash)
    {
        var stored = new PasswordHash(iterations, Convert.FromBase64String(salt), Convert.FromBase64String(hash));
        return iterations is >= IterationsNow and <= IterationsMax && Convert.FromBase64String(salt).Length >= SaltBytes && Convert.FromBase64String(hash).Length == HashBytes
            ? stored
            : throw new FormatException("The password's hash is too weak, too costly, or cut.");
    }

    /// <summary>Whether a password is this one; it takes as long for a wrong one.</summary>
    internal bool Is(string password) => CryptographicOperations.FixedTimeEquals(
        Convert.FromBase64String(Hash), Rfc2898DeriveBytes.Pbkdf2(password, Convert.FromBase64String(Salt), Iterations, Algorithm, HashBytes));
}
